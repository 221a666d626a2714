"""How to reach a protected person without harming them: what the civil orders team was told and writes down by hand."""

from __future__ import annotations

from django.db import models

from orders.models.person import Person
from orders.models.recording import Recording, kept_as_recorded


class SafeContact(models.Model):
    """What was said of a protected person: never changed, superseded by the next that is said.

    All of it is sealed under the key of the person, an empty one stays empty. `safe`: how and when contact is safe.
    `never`: what must not be done. `children`: who of them lives there, in words. `interpreter`: yes, no or empty.
    `kept_back`: a number or place, shown to nobody who does not see where the person lives.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="safe_contacts")
    safe = models.TextField(blank=True)
    never = models.TextField(blank=True)
    children = models.TextField(blank=True)
    language = models.TextField(blank=True)
    interpreter = models.TextField(blank=True)
    kept_back = models.TextField(blank=True)
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    superseded = models.ForeignKey(
        Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        triggers = kept_as_recorded()

    def __str__(self) -> str:
        return f"safe contact {self.pk}"
