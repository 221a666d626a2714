"""Keeping searches: what was typed, and searches under a name. Only their owner changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.access import audit
from orders.actions.by_hand import Refused
from orders.models import Area, AskedSearch, Category, Role, SavedSearch, User
from orders.models.typed import seal_words

MOST_KEPT = 100
UNDO = timedelta(days=1)
"""So long a deleted search can be put back."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom a search is shared: nobody, everybody of a local policing area, or everybody of a role."""

    area: Area | None = None
    role: Role | None = None


def ask(text: str, *, by: User) -> AskedSearch:
    """Keep what was typed until the end of the shift. It is logged when it is searched for."""
    return AskedSearch.objects.create(owner=by, text=seal_words(text, by.pk))


def forget_asked(now: datetime) -> int:
    """Delete what was typed and is over, and saved searches that nobody can put back. Returns how many went."""
    gone, _ = AskedSearch.objects.filter(expires_at__lte=now).delete()
    deleted, _ = SavedSearch.objects.filter(deleted_at__lte=now - UNDO).delete()
    return gone + deleted


def save_search(*, name: str, query: str, text: str, sharing: Sharing, by: User) -> SavedSearch:
    """Keep a search under a name. Raises Refused."""
    with transaction.atomic():
        if SavedSearch.objects.kept().filter(owner=by).count() >= MOST_KEPT:
            raise Refused([f"name: you have {MOST_KEPT} saved searches; delete one that you no longer need"])
        saved = SavedSearch(owner=by, query=query, text=seal_words(text, by.pk))
        _describe(saved, name=name, sharing=sharing)
        _logged(saved, "save a search", by)
    return saved


def change_search(saved: SavedSearch, *, name: str, sharing: Sharing, by: User) -> None:
    """Rename a search or share it with others. Raises Refused."""
    with transaction.atomic():
        _describe(_own(saved, by), name=name, sharing=sharing)
        _logged(saved, "change a saved search", by)


def update_search(saved: SavedSearch, *, query: str, text: str, by: User) -> None:
    """Let a saved search ask something else; an alert begins anew, and tells nothing of what it finds already."""
    with transaction.atomic():
        saved = _own(saved, by)
        saved.query, saved.text = query, seal_words(text, by.pk)
        saved.looked_at, saved.told, saved.too_many = None, [], False
        saved.save(update_fields=["query", "text", "looked_at", "told", "too_many"])
        _logged(saved, "update a saved search", by)


def set_alert(saved: SavedSearch, *, alert: bool, by: User) -> None:
    """Tell the owner by email of orders that enter the search from now on, or no longer. Raises Refused."""
    with transaction.atomic():
        saved = _own(saved, by)
        saved.alert, saved.looked_at, saved.told, saved.too_many = alert, None, [], False
        saved.save(update_fields=["alert", "looked_at", "told", "too_many"])
        _logged(saved, "switch an alert on" if alert else "switch an alert off", by)


def set_home(saved: SavedSearch, *, home: bool, by: User) -> None:
    """Begin with this search after signing in, instead of another one or My area. Raises Refused."""
    with transaction.atomic():
        saved = _own(saved, by)
        SavedSearch.objects.filter(owner=by, is_home=True).update(is_home=False)
        saved.is_home = home
        saved.save(update_fields=["is_home"])


def delete_search(saved: SavedSearch, *, by: User) -> None:
    """Delete a search; it can be put back for a day. Raises Refused."""
    with transaction.atomic():
        saved = _own(saved, by)
        saved.deleted_at, saved.is_home = timezone.now(), False
        saved.save(update_fields=["deleted_at", "is_home"])
        _logged(saved, "delete a saved search", by)


def restore_search(saved: SavedSearch, *, by: User) -> None:
    """Put a deleted search back; if its name has been given to another one meanwhile, under a name beside it."""
    with transaction.atomic():
        saved = _own(saved, by)
        names = {one.name for one in SavedSearch.objects.kept().filter(owner=by)}
        name, number = saved.name, 2
        while name in names:
            name, number = f"{saved.name[:74]} ({number})", number + 1
        saved.name, saved.deleted_at = name, None
        saved.save(update_fields=["sealed_name", "name_index", "deleted_at"])
        _logged(saved, "put a saved search back", by)


def _own(saved: SavedSearch, by: User) -> SavedSearch:
    found = SavedSearch.objects.select_for_update().filter(pk=saved.pk, owner=by).first()
    if found is None:
        raise Refused(["search: only who saved it can change it; save a copy of your own"])
    return found


def _describe(saved: SavedSearch, *, name: str, sharing: Sharing) -> None:
    saved.name = " ".join(name.split())
    if not saved.name:
        raise Refused(["name: is missing; give the search a name to find it by"])
    saved.shared_area, saved.shared_role = sharing.area, sharing.role.value if sharing.role else ""
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise Refused(["name: you have a saved search of this name; choose another name"]) from error


def _logged(saved: SavedSearch, action: str, by: User) -> None:
    shared = saved.shared_area.code if saved.shared_area else saved.shared_role
    audit.record(
        by=by, category=Category.ALTERATION, action=action, detail={"search": saved.key, "shared with": shared}
    )  # fmt: skip
