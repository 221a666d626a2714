"""Searches that are kept under a name: one's own, or shared with an area or a role of one's force."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from orders.access.keyring import keyring
from orders.models.area import Area
from orders.models.listing import new_key
from orders.models.roles import Role
from orders.models.typed import open_words, seal_words

if TYPE_CHECKING:
    from orders.models.user import User


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Saved searches that are there; every page, count and email asks here who may open which."""

    def kept(self) -> SavedSearchQuerySet:
        """Those that have not been deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> SavedSearchQuerySet:
        """Those that a user may open: their own, and those shared with their area or with a role of theirs.

        What a search finds is decided anew for each reader; to open one gives no right to see an order.
        """
        if not user.is_active:
            return self.none()
        shared = Q(shared_role__in=user.roles)
        lpa = lpa_of(user.home_area)
        if lpa is not None:
            shared |= Q(shared_area=lpa)
        of_force = Q(owner__force_id=user.force_id, owner__is_active=True) if user.force_id else Q(pk__in=[])
        return self.kept().filter(Q(owner=user) | of_force & shared)


def lpa_of(area: Area | None) -> int | None:
    """The local policing area that is or holds an area, by id; None for a force or none."""
    if area is None:
        return None
    return {"lpa": area.pk, "neighbourhood": area.parent_id}.get(area.level)


def name_index(name: str, owner: int) -> str:
    """By what a name is known again among those of its owner, by the owner's id."""
    return keyring().index("saved search", f"{owner}\0{name}")


class SavedSearch(models.Model):
    """A search under a name: its filters as they stand in an address, and, sealed, the words of its box as `text`.

    The name may say whom it is about, so it is sealed too (`sealed_name`), and known again by `name_index`.

    `alert` tells its owner by email of orders that enter it: `told` are the orders that had entered when it was last
    looked at, at `looked_at`; `too_many` says that it finds more than can be watched.
    """

    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches")
    sealed_name = models.TextField(db_default="")
    name_index = models.CharField(max_length=24, db_default="", db_collation="C")
    query = models.TextField(blank=True)
    text = models.TextField(blank=True)
    shared_area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    shared_role = models.CharField(max_length=20, choices=Role, blank=True)
    is_home = models.BooleanField(default=False)
    alert = models.BooleanField(default=False)
    told = ArrayField(models.BigIntegerField(), default=list)
    looked_at = models.DateTimeField(null=True)
    too_many = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[SavedSearchQuerySet] = SavedSearchQuerySet.as_manager()  # type: ignore[assignment] # its methods too

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name_index"], name="saved_search_name", condition=Q(deleted_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["owner"], name="saved_search_home", condition=Q(is_home=True, deleted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="saved_search_shared_once", condition=Q(shared_area__isnull=True) | Q(shared_role="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["looked_at"], name="saved_search_watched", condition=Q(alert=True, deleted_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"saved search {self.key}"

    @property
    def name(self) -> str:
        """What its owner calls it."""
        name = open_words(self.sealed_name, self.owner_id)
        return "(its name can no longer be read)" if name is None else name

    @name.setter
    def name(self, name: str) -> None:
        self.sealed_name = seal_words(name, self.owner_id)
        self.name_index = name_index(name, self.owner_id)

    @property
    def words(self) -> str | None:
        """What was typed, blank if nothing; None where it can no longer be opened."""
        return open_words(self.text, self.owner_id)
