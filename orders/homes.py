"""Where people live, as far as the reader may know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from orders.as_known import held
from orders.models import Area, Postcode, Residence
from orders.models.person import ResidenceStatus


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


def homes(people: Mapping[int, bool], *, sees_secret: bool, known_at: datetime | None = None) -> dict[int, list[Home]]:
    """The homes of people by their ids, the earliest first. For each person: whether to treat them as a victim.

    Nobody's address is shown that is secret, nor a victim's of which nobody said that it is not (contract, 8a). What
    has been superseded since stays hidden if the person has come to be hidden by it: a victim, or somebody who now has
    a secret home.
    """
    rows = list(
        held(Residence.objects.filter(person__in=list(people)), known_at).select_related("neighbourhood__parent")
    )
    changed = {row.person_id for row in rows if row.superseded_id is not None}
    hiding = set(
        Residence.objects.filter(person__in=changed, superseded__isnull=True, secret=True).values_list(
            "person", flat=True
        )
        if changed
        else ()
    )
    by_code = _by_code(rows)
    by_postcode = _by_postcode(rows, by_code)
    found: dict[int, list[Home]] = {}
    for row in rows:
        secret = row.secret
        if row.superseded_id is not None and (people[row.person_id] or row.person_id in hiding):
            secret = True
        area = _area(row, by_code, by_postcode)
        shown = _shown(row, area, secret, of_victim=people[row.person_id], sees_secret=sees_secret)
        found.setdefault(row.person_id, []).append(shown)
    return found


def _area(row: Residence, by_code: dict[str, Area], by_postcode: dict[str, Area]) -> Area | None:
    """The neighbourhood of a home as places find it: by what the source named, else by its postcode.

    Of an area that has gone while somebody lived there, the one to which the postcode leads since.
    """
    named = row.neighbourhood or by_code.get(row.neighbourhood_code)
    if named is None or (named.valid_until is not None and (row.to_on is None or row.to_on > named.valid_until)):
        return by_postcode.get(_bare(row.postcode), named)
    return named


def _by_code(rows: list[Residence]) -> dict[str, Area]:
    """The neighbourhoods that a source named before the register knew them."""
    codes = {row.neighbourhood_code for row in rows if row.neighbourhood_id is None} - {""}
    found = Area.objects.filter(level="neighbourhood", code__in=codes).select_related("parent") if codes else ()
    return {area.code: area for area in found}


def _by_postcode(rows: list[Residence], by_code: dict[str, Area]) -> dict[str, Area]:
    """The neighbourhoods of homes whose own is not known, or has gone, by their postcodes."""
    asked = set()
    for row in rows:
        named = row.neighbourhood or by_code.get(row.neighbourhood_code)
        if row.status == ResidenceStatus.HOME and (named is None or named.valid_until is not None):
            asked.add(_bare(row.postcode))
    found = Postcode.objects.filter(postcode__in=asked - {""}) if asked - {""} else ()
    areas = Area.objects.select_related("parent").in_bulk({one.neighbourhood_id for one in found})
    return {one.postcode: areas[one.neighbourhood_id] for one in found}


def _bare(postcode: str) -> str:
    return postcode.replace(" ", "")


def _shown(residence: Residence, area: Area | None, secret: bool | None, *, of_victim: bool, sees_secret: bool) -> Home:
    """Told to be secret: its local policing area. Not told of a victim: its neighbourhood. Else all of it."""
    withheld = (of_victim if secret is None else secret) and not sees_secret
    if area is not None and secret and not sees_secret:
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
