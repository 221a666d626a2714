"""Where people live, as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from orders.access.sealing import unsealed
from orders.models import Area, Residence
from orders.models.person import ResidenceStatus
from orders.record.as_known import held


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives or lived, without address where it is or may be secret. Local dates, `to_on` exclusive."""

    address: str
    postcode: str
    area: str
    status: str
    from_on: date
    to_on: date | None
    withheld: bool

    def is_on(self, day: date) -> bool:
        """Whether they lived there on a local day."""
        return self.from_on <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether they had left by a local day."""
        return self.to_on is not None and self.to_on <= day


def homes(
    people: Mapping[int, bool], *, sees_secret: bool, opened: bool = False, known_at: datetime | None = None
) -> dict[int, list[Home]]:
    """The homes of people by their ids, the earliest first. For each person: whether to treat them as a victim.

    Nobody's address is shown that is secret, nor a victim's of which nobody said that it is not (contract, 8a), unless
    the reader has just `opened` them, saying why; `sees_secret` shows the neighbourhood only. What has been superseded
    since stays hidden if the person has come to be hidden by it: a victim, or somebody who now has a secret home.
    An address that is not shown is not even unsealed.
    """
    rows = list(
        held(Residence.objects.filter(person__in=list(people)), known_at).select_related(
            "neighbourhood__parent", "found_in__parent"
        )
    )
    changed = {row.person_id for row in rows if row.superseded_id is not None}
    hiding = set(
        Residence.objects.filter(person__in=changed, superseded__isnull=True, secret=True).values_list(
            "person", flat=True
        )
        if changed
        else ()
    )
    withheld = set()
    for row in rows:
        if row.superseded_id is not None and (people[row.person_id] or row.person_id in hiding):
            row.secret = True
        if not opened and (people[row.person_id] if row.secret is None else row.secret):
            withheld.add(row.pk)
    unsealed((row for row in rows if row.pk not in withheld), "address", "postcode")
    by_code = _by_code(rows)
    found: dict[int, list[Home]] = {}
    for row in rows:
        area_only = bool(row.secret) and not (sees_secret or opened)
        shown = _shown(row, _area(row, by_code), withheld=row.pk in withheld, area_only=area_only)
        found.setdefault(row.person_id, []).append(shown)
    return found


def _area(row: Residence, by_code: dict[str, Area]) -> Area | None:
    """The neighbourhood of a home as places find it: by what the source named, else by its postcode.

    Of an area that has gone while somebody lived there, the one to which the postcode leads since.
    """
    named = row.neighbourhood or by_code.get(row.neighbourhood_code)
    if named is None or (named.valid_until is not None and (row.to_on is None or row.to_on > named.valid_until)):
        return (row.found_in if row.status == ResidenceStatus.HOME else None) or named
    return named


def _by_code(rows: list[Residence]) -> dict[str, Area]:
    """The neighbourhoods that a source named before the register knew them."""
    codes = {row.neighbourhood_code for row in rows if row.neighbourhood_id is None} - {""}
    found = Area.objects.filter(level="neighbourhood", code__in=codes).select_related("parent") if codes else ()
    return {area.code: area for area in found}


def _shown(residence: Residence, area: Area | None, *, withheld: bool, area_only: bool) -> Home:
    """Told to be secret: its local policing area. Not told of a victim: its neighbourhood. Else all of it."""
    if area is not None and area_only:
        area = area.parent
    where = "" if area is None else (f"{area.name}, {area.parent.name}" if area.parent else area.name)
    return Home(
        address="" if withheld else residence.address,
        postcode="" if withheld else residence.postcode,
        area=where,
        status=residence.get_status_display(),
        from_on=residence.from_on,
        to_on=residence.to_on,
        withheld=withheld,
    )
