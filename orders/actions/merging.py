"""Two records of one person made one, and that undone.

Parties, homes and what was said of safe contact are superseded and recorded again for the person who is kept, under one
recording, so that what was known before stays known as of then. Undoing does the reverse with exactly those rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orders.access import sealing
from orders.access.permissions import Action
from orders.actions.safe_contact import move_contacts, move_contacts_back
from orders.models import Category, Merge, Party, Person, Residence, User
from orders.record import put_right
from orders.record.writing import Form, Refused, Write, again_if_broken_off, orders_of, writing

_FILLED = ("given_names", "date_of_birth", "sex", "ethnicity", "pnc_id")
"""What the kept person takes from the other where they have nothing themselves."""


@again_if_broken_off
def merge(kept: Person, other: Person, *, by: User | None, reason: str, form: Form | None = None) -> Merge:
    """Say that two records are of one person: `kept` stands for both from now on. Raises Refused."""
    _needs_reason(reason)
    if kept.pk == other.pk:
        raise Refused(["person: is one record, not two"])
    with writing(
        by=by,
        action="merge people",
        reason=reason,
        people=[kept.pk, other.pk],
        needs=Action.MERGE,
        form=form,
        category=Category.COMBINATION,
    ) as write:
        _permit_all(by, write)
        kept, other = Person.objects.get(pk=kept.pk), Person.objects.get(pk=other.pk)
        _refuse_merged(kept, other)
        parties = _move_parties(kept, other, write)
        homes = _move_homes(kept, other, write)
        contacts = move_contacts(kept.pk, other.pk, write)
        before = _describe(kept, other, write)
        return Merge.objects.create(
            kept=kept,
            other=other,
            recording=write.recording,
            moved={"parties": parties, "homes": homes, "contacts": contacts, "before": before},
        )


@again_if_broken_off
def undo_merge(merged: Merge, *, by: User | None, reason: str, form: Form | None = None) -> None:
    """Say that they were two people after all: what came from the other goes back. Raises Refused.

    What has been recorded of the kept person since stays theirs; a row that was itself replaced since is left as it is.
    """
    _needs_reason(reason)
    people = [merged.kept_id, merged.other_id]
    with writing(
        by=by, action="undo merge", reason=reason, people=people, needs=Action.MERGE, form=form,
        category=Category.COMBINATION,
    ) as write:  # fmt: skip
        _permit_all(by, write)
        if not Merge.objects.filter(pk=merged.pk, undone__isnull=True).update(undone=write.recording):
            raise Refused(["person: this has already been undone"])
        for old, new in merged.moved["parties"]:
            _back(Party, old, new, merged, write)
        for old, new in merged.moved["homes"]:
            _back(Residence, old, new, merged, write)
        move_contacts_back(merged.moved.get("contacts", []), write)
        _back_since(merged.other_id, write)
        _describe_again(merged, write)


def _permit_all(by: User | None, write: Write) -> None:
    """Both must be known to the user's force by orders of its own only: another force's order is not ours to move."""
    if by is None:
        return
    foreign = Party.objects.filter(order_id__in=write.touched).exclude(order__owner_force_id=by.force_id).exists()
    if foreign:
        raise Refused(["person: is in an order of another force; ask that force's civil orders team"])


def _refuse_merged(kept: Person, other: Person) -> None:
    for one in (kept, other):
        if Merge.objects.filter(other=one, undone__isnull=True).exists():
            raise Refused([f"person: {one} has already been merged into somebody"])
    parties = dict(Party.objects.filter(person=kept, superseded__isnull=True).values_list("order_id", "role"))
    for order_id, role in Party.objects.filter(person=other, superseded__isnull=True).values_list("order_id", "role"):
        if parties.get(order_id, role) != role:
            raise Refused(["person: one order binds the one and protects the other, so they are two people"])


def _move_parties(kept: Person, other: Person, write: Write) -> list[tuple[int, int | None]]:
    """Each party of the other with the one in its place; None where the kept person was in that order already."""
    mine = set(Party.objects.filter(person=kept, superseded__isnull=True).values_list("order_id", flat=True))
    moved: list[tuple[int, int | None]] = []
    current = Party.objects.filter(person=other, superseded__isnull=True).select_related("recording")
    for party in list(current.order_by("pk")):
        Party.objects.filter(pk=party.pk).update(superseded=write.recording)
        new = None
        if party.order_id not in mine:
            new = Party.objects.create(
                order_id=party.order_id,
                person=kept,
                named_id=_named(party),
                role=party.role,
                relationship=party.relationship,
                recording=write.recording,
            ).pk
        moved.append((party.pk, new))
    return moved


def _move_homes(kept: Person, other: Person, write: Write) -> list[tuple[int, int | None]]:
    moved: list[tuple[int, int | None]] = []
    current = Residence.objects.filter(person=other, superseded__isnull=True).select_related("recording")
    for home in list(current.order_by("pk")):
        old = home.pk
        Residence.objects.filter(pk=old).update(superseded=write.recording)
        moved.append((old, _copy(home, kept.pk, write)))
    return moved


def _named(row: Party | Residence) -> int | None:
    """The record by which the source names whom a row is about, if it is a source's: the source goes on naming it."""
    return row.named_id if row.named_id or row.recording.run_id is None else row.person_id


def _copy(home: Residence, person_id: int, write: Write) -> int:
    """The home for another person. A source's stays sealed as it is: the next extract is then seen to say the same."""
    home.named_id = _named(home)
    if home.named_id is None:
        home.source_ref = f"M-{home.pk}"
        sealing.unsealed([home], "address", "postcode")
        key = sealing.of_person(person_id)
        home.address, home.postcode = key.seal(home.address), key.seal(home.postcode)
    home.pk = None
    home._state.adding = True
    home.person_id = person_id
    home.recording, home.superseded_id = write.recording, None
    home.save()
    return int(home.pk)


def _describe(kept: Person, other: Person, write: Write) -> dict[str, Any]:
    """The other's names become aliases of the kept person; returns what of their description was changed, as it was."""
    names: Sequence[Any] = [*kept.aliases, [other.family_name, other.given_names], *other.aliases]
    own = [kept.family_name, kept.given_names]
    aliases = [list(pair) for pair in dict.fromkeys(tuple(pair) for pair in names) if list(pair) != own]
    changes: dict[str, Any] = {name: getattr(other, name) for name in _FILLED if not getattr(kept, name)}
    changes = {name: value for name, value in changes.items() if value}
    warnings = list(dict.fromkeys([*kept.warnings, *other.warnings]))
    changes |= {"aliases": aliases, "warnings": warnings}
    before = {name: getattr(kept, name) for name in changes}
    put_right.note(kept, changes, write.recording)
    Person.objects.filter(pk=kept.pk).update(**changes, recording=write.recording)
    return {"was": _plain(before), "became": _plain(changes)}


def _describe_again(merged: Merge, write: Write) -> None:
    """What the merge changed becomes what it was, unless somebody has changed it since; they knew better."""
    kept = Person.objects.get(pk=merged.kept_id)
    was, became = merged.moved["before"]["was"], merged.moved["before"]["became"]
    now = _plain({name: getattr(kept, name) for name in became})
    changes = {name: was[name] for name in became if now[name] == became[name]}
    if "aliases" not in changes and "aliases" in became:
        added = [pair for pair in became["aliases"] if pair not in was["aliases"]]
        changes["aliases"] = [pair for pair in kept.aliases if pair not in added]
    put_right.note(kept, changes, write.recording)
    Person.objects.filter(pk=kept.pk).update(**changes, recording=write.recording)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _back(model: type[Party] | type[Residence], old: int, new: int | None, merged: Merge, write: Write) -> None:
    """The row that took another's place is superseded, and what it took the place of is recorded again."""
    rows: Any = model._default_manager
    if new is not None and not rows.filter(pk=new, superseded__isnull=True).update(superseded=write.recording):
        return
    row = rows.select_related("recording").get(pk=old)
    row.named_id = _named(row)
    row.pk = None
    row._state.adding = True
    row.recording, row.superseded = write.recording, None
    row.save()
    if isinstance(row, Party):
        write.add([row.order_id])


def _back_since(other: int, write: Write) -> None:
    """What extracts said of the other since the two were one goes to them too."""
    models: tuple[type[Party] | type[Residence], ...] = (Party, Residence)
    for model in models:
        rows: Any = model._default_manager
        for row in list(rows.filter(named=other, superseded__isnull=True).exclude(person=other).order_by("pk")):
            rows.filter(pk=row.pk).update(superseded=write.recording)
            row.pk = None
            row._state.adding = True
            row.person_id, row.recording, row.superseded_id = other, write.recording, None
            row.save()
            if isinstance(row, Party):
                write.add([row.order_id])
    write.add(orders_of([other]))


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(["reason: is missing; say by what you know, for whoever looks at them next"])
