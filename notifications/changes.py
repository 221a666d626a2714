"""What happened to the orders of areas since their last emails: new, changed, breached, come and gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notifications import rows
from notifications.rows import Here
from notifications.telling import Found
from orders.statute import EVENT_KINDS

if TYPE_CHECKING:
    from notifications.digest import Owed

_QUIET = frozenset({"RETRACTED", "PNC_REQUESTED", "ATTEMPTED", "LISTED"})
_OUT = "taken out of the register, which had it by mistake: do not rely on it"
_TURNED = {"live": "now in force", "unconfirmed": "now unconfirmed", "ended": "ended"}


@dataclass(slots=True)
class Changes:
    """The orders of one area: `changed` with what happened; `history` are new to the register but ended before."""

    new: list[int] = field(default_factory=list)
    changed: dict[int, str] = field(default_factory=dict)
    breached: list[int] = field(default_factory=list)
    history: list[int] = field(default_factory=list)

    @property
    def told(self) -> set[int]:
        """All of them."""
        return {*self.new, *self.changed, *self.breached, *self.history}


def changes(
    owed: Sequence[Owed],
    here: Mapping[int, Mapping[int, Here]],
    untold: Found,
    gone: Mapping[int, Mapping[int, bool]],
) -> dict[int, Changes]:
    """By area. `gone` are orders that the last email listed and nobody lives here now; True: nobody is in them."""
    stored = rows.events_stored({order for orders in untold.values() for order in orders})
    whole = {
        area_id: {order for order, events in orders.items() if len(events) == stored[order]}
        for area_id, orders in untold.items()
    }
    elsewhere = rows.told_elsewhere({order for orders in whole.values() for order in orders})
    return {
        one.area.pk: _of_area(
            one,
            here[one.area.pk],
            untold.get(one.area.pk, {}),
            gone.get(one.area.pk, {}),
            whole.get(one.area.pk, set()),
            elsewhere,
        )
        for one in owed
    }


def _of_area(
    one: Owed,
    here: Mapping[int, Here],
    untold: Mapping[int, list[tuple[int, str]]],
    gone: Mapping[int, bool],
    whole: set[int],
    elsewhere: set[int],
) -> Changes:
    """`whole` are the orders none of whose events was told here; `elsewhere` those of which another area was told."""
    found = Changes()
    listed_before = set(one.before.listed) if one.before else set()
    for pk, events in sorted(untold.items()):
        kinds = [kind for _, kind in events]
        if "BREACHED" in kinds:
            found.breached.append(pk)
        if pk in whole and pk not in listed_before:
            if pk not in here:
                found.history.append(pk)
            elif pk in elsewhere:
                found.changed[pk] = "somebody in it now lives in this area"
            else:
                found.new.append(pk)
            continue
        words = [EVENT_KINDS[kind].label.lower() for kind in kinds if kind not in _QUIET]
        words += ["corrected"] if "RETRACTED" in kinds else []
        if words:
            found.changed[pk] = ", ".join(dict.fromkeys(words))
    if one.before is None or one.before.at is None:
        return found
    for pk, row in here.items():
        if pk in found.changed or pk in whole:
            continue
        if pk in listed_before:
            if row.turned is not None and row.turned > one.before.at:
                found.changed[pk] = _TURNED[row.standing]
        elif row.standing != "ended":
            found.changed[pk] = "somebody in it now lives in this area"
    for pk, empty in sorted(gone.items()):
        found.changed[pk] = _OUT if empty else "nobody in it lives in this area any longer"
    return found
