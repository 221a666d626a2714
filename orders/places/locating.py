"""In which neighbourhood the postcode of a home lies, which places somebody whose source told no area that still is.

The postcode is sealed, so the database cannot look it up: the answer is stored beside it when the home is, and worked
out again when the postcode table changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from orders.access import sealing
from orders.models import Party, Postcode, Residence
from orders.models.person import ResidenceStatus

BATCH = 5_000


def neighbourhoods(postcodes: Iterable[str]) -> dict[str, int]:
    """The ids of the neighbourhoods of postcodes, by the postcode in capitals without spaces; unknown ones left out."""
    asked = {sealing.bare_postcode(postcode) for postcode in postcodes} - {""}
    return dict(Postcode.objects.filter(pk__in=asked).values_list("postcode", "neighbourhood_id")) if asked else {}


def locate_again(orders: Iterable[int] | None = None) -> int:
    """Store anew where the postcodes of homes lie, of some orders or of all. Returns how many have moved."""
    moved = 0
    for homes in _batches(orders):
        words = sealing.unseal(home.postcode for home in homes)
        found = neighbourhoods(words)
        for home, postcode in zip(homes, words, strict=True):
            area = found.get(sealing.bare_postcode(postcode))
            if postcode in sealing.UNREADABLE:
                continue
            if area != home.found_in_id:
                moved += Residence.objects.filter(pk=home.pk).update(found_in=area)
    return moved


def index_again() -> int:
    """Work out anew by what homes are found, after the key of look-ups changed. Returns how many changed."""
    changed = 0
    rows = Residence.objects.exclude(postcode="").only("pk", "postcode", "postcode_index", "outward_index")
    iterator = rows.order_by("pk").iterator(chunk_size=BATCH)
    while homes := list(islice(iterator, BATCH)):
        words = sealing.unseal(home.postcode for home in homes)
        for home, postcode in zip(homes, words, strict=True):
            if postcode in sealing.UNREADABLE:
                continue
            index = sealing.postcode_index(postcode)
            if index != home.postcode_index:
                changed += Residence.objects.filter(pk=home.pk).update(
                    postcode_index=index, outward_index=sealing.outward_index(postcode)
                )
    return changed


def _batches(orders: Iterable[int] | None) -> Iterator[list[Residence]]:
    rows = Residence.objects.filter(status=ResidenceStatus.HOME, superseded__isnull=True).exclude(postcode="")
    if orders is not None:
        parties = Party.objects.filter(order__in=list(orders), superseded__isnull=True)
        rows = rows.filter(person__in=parties.values("person"))
    iterator = rows.only("pk", "postcode", "found_in").order_by("pk").iterator(chunk_size=BATCH)
    while homes := list(islice(iterator, BATCH)):
        yield homes
