"""By which names the people of an order are found: the rows that a search for a person reads.

Projections, as places are: worked out from parties and people by `orders.people.party_names`, never written by
anything else, compared with them every night, and moved to a past beside the hot table when something better is known.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from orders.models.order import Order, PartyRole
from orders.models.person import Person
from orders.models.recording import Recording


class NameToken(models.Model):
    """A distinct folded word of the names in the register, with the numbers that tokens near it share with it.

    Only ever added to: it says that a word has been somebody's name, not whose.
    """

    token = models.CharField(max_length=40, unique=True, db_collation="C")
    keys = ArrayField(models.IntegerField(), help_text="As `names.keys` gives them.")

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="name_token_near", fastupdate=False)]

    def __str__(self) -> str:
        return self.token


class PartyNameRow(models.Model):
    """A party of an order as they are looked for.

    `tokens` are ids of `NameToken`, those of aliases negative. `keys` put what is looked for together with each force
    that the order has ever been placed in, and the tokens with each local policing area, so that one index finds a
    name, a date of birth or a PNC ID in a force, and a name in a part of it (`orders.people.party_names`). Rows of
    the past may be without keys of local policing areas: what was known is looked for by force.
    """

    order = models.ForeignKey(Order, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    role = models.CharField(max_length=12, choices=PartyRole)
    tokens = ArrayField(models.IntegerField())
    date_of_birth = models.DateField(null=True)
    pnc_id = models.CharField(max_length=13)
    keys = ArrayField(models.BigIntegerField())
    recording = models.ForeignKey(Recording, models.PROTECT, db_index=False, db_constraint=False, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.role} {self.person_id} of order {self.order_id}"


class PartyName(PartyNameRow):
    """The parties of an order as now known."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "person"], name="party_name_one")]
        indexes = [GinIndex(fields=["keys"], name="party_name_keys", fastupdate=False)]


class PartyNamePast(PartyNameRow):
    """What was found before something better was known, and which recording replaced it."""

    id = models.BigAutoField(primary_key=True)
    superseded = models.ForeignKey(Recording, models.PROTECT, db_index=False, db_constraint=False, related_name="+")

    class Meta:
        indexes = [
            GinIndex(fields=["keys"], name="party_name_past_keys", fastupdate=False),
            models.Index(fields=["order"], name="party_name_past_order"),
            models.Index(fields=["person"], name="party_name_past_person"),
        ]
