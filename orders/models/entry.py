"""What the civil orders team has begun to enter, what it has sent, and what it has decided about likenesses."""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.person import Person
from orders.models.recording import Recording
from orders.models.typed import open_words, seal_words


class Draft(models.Model):
    """An order that somebody has begun to enter: what was typed on each page, right or wrong, as it was typed.

    `text` are the answers by page, sealed (`orders.models.typed`). It is its owner's alone. When it has been submitted
    `order` is what came of it and `text` is emptied, so that what describes people stands in the record only.
    """

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    text = models.TextField(blank=True, default="", db_default="")
    order = models.ForeignKey(Order, models.PROTECT, null=True, editable=False, related_name="+")
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"draft of {self.owner_id}"

    @property
    def answers(self) -> dict[str, dict[str, list[str]]]:
        """What was typed, by page, as lists of texts; nothing where it can no longer be opened."""
        found: dict[str, dict[str, list[str]]] = json.loads(open_words(self.text, self.owner_id) or "{}")
        return found

    @answers.setter
    def answers(self, answers: dict[str, dict[str, list[str]]]) -> None:
        self.text = seal_words(json.dumps(answers), self.owner_id) if answers else ""


class SentForm(models.Model):
    """A form that was carried out. Its key was made with the page, so a form sent twice is found here the second time.

    `leads_to` is the address of the page that came of it, which is shown again. Only ever added to.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="+")
    leads_to = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return str(self.key)


class Merge(models.Model):
    """Two records of one person made one: whose parties and homes went to whom, by which recording; and if undone.

    `moved` says what undoing puts back: the parties and homes that were superseded with those that took their place,
    and the description of `kept` as it was.
    """

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merged")
    other = models.ForeignKey(Person, models.PROTECT, related_name="merged_into")
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="+")
    undone = models.ForeignKey(Recording, models.PROTECT, null=True, editable=False, related_name="+")
    moved = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["other"], name="merged_once", condition=models.Q(undone__isnull=True)),
            models.CheckConstraint(name="merge_of_two", condition=~models.Q(kept=models.F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} into {self.kept_id}"


class Adoption(models.Model):
    """An order entered by hand, found to be one that a source sent: by which recording, and if undone.

    What was recorded of `imported` then, and what of it was taken back, are the facts of `recording`. `moved` says what
    else undoing puts back: {"followers": the ids of the orders that followed `entered`; "replaces": the id of the order
    that `imported` follows since; "doubt": the instant (ISO 8601) since which it is in doubt, for want of an answer to
    whose word counts}, each only where there is one.
    """

    entered = models.ForeignKey(Order, models.PROTECT, related_name="adoptions")
    imported = models.ForeignKey(Order, models.PROTECT, related_name="adopted")
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, related_name="+")
    undone = models.ForeignKey(Recording, models.PROTECT, db_index=False, null=True, editable=False, related_name="+")
    moved = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entered"], name="adopted_once", condition=models.Q(undone__isnull=True)),
            models.CheckConstraint(name="adoption_of_two", condition=~models.Q(entered=models.F("imported"))),
        ]

    def __str__(self) -> str:
        return f"{self.entered_id} as {self.imported_id}"


class ToldApart(models.Model):
    """Two records that look alike and are not the same, as somebody decided: they are not proposed again.

    Two people or two orders; the one with the lower id is the first.
    """

    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    other_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    other_order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    recording = models.ForeignKey(Recording, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "told apart"
        constraints = [
            models.UniqueConstraint(fields=["person", "other_person"], name="people_told_apart"),
            models.UniqueConstraint(fields=["order", "other_order"], name="orders_told_apart"),
            models.CheckConstraint(
                name="told_apart_of_two",
                condition=models.Q(person__lt=models.F("other_person"), order__isnull=True, other_order__isnull=True)
                | models.Q(order__lt=models.F("other_order"), person__isnull=True, other_person__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"told apart {self.pk}"
