"""The rows of an extract as values, and how each is read from its cells. Their fields are the columns of their tables.

Checks here are of one row alone: what a row cannot know (whether a reference exists, what else the order carries) is
checked over the whole bundle later. Sources: the extract contract; domain brief 3.2 and 3.3.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple

from orders.imports.fields import TEXT_LIMIT, Fields
from orders.imports.values import (
    Moment,
    ValueProblem,
    day_from,
    last_instant,
    moment_from,
    pnc_id_from,
    postcode_from,
    split_list,
)

KINDS = frozenset(
    {"DVPN", "DVPO", "SPO", "ISPO", "NMO", "OCC", "RO", "PHAI"}
    | {"DAPN", "DAPO", "FMPO", "FGMPO", "SHPO", "ISHPO", "SRO", "ISRO"}
)
EVENTS = frozenset(
    {"APPLIED", "AUTHORISED", "SERVED", "TOLD", "HEARING", "MADE", "REFUSED", "WITHDRAWN", "VARIED", "RENEWED"}
    | {"DISCHARGED", "QUASHED", "SET_ASIDE", "STAYED", "LIFTED", "RETURN_DATE", "BREACHED", "ARRESTED", "ON_PNC"}
    | {"OFF_PNC", "REVIEWED", "RETRACTED", "LISTED", "ATTEMPTED", "PRODUCED", "RELEASED", "NOTIFIED"}
    | {"BREACH_RESULT", "PNC_REQUESTED", "APPEALED"}
)
ROLES = frozenset({"perpetrator", "victim"})
SEXES = frozenset("MFX")
STATUSES = frozenset({"home", "no fixed abode", "custody", "out of force", "unknown"})
CONDITION_CODES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
DEFINED_CONDITION_CODES = frozenset("ABCDEFGHIZ")
STATED_END_EVENTS = frozenset({"MADE", "VARIED", "RENEWED"})
UNTIL_EVENTS = STATED_END_EVENTS | {"HEARING", "STAYED", "REVIEWED", "LISTED"}
UNTIL_FURTHER_ORDER = "UFO"


class OrderRow(NamedTuple):
    """A row of orders.csv. `reference` is never blank: the source's key stands in for it."""

    line: int
    order_ref: str
    kind: str
    force: str
    reference: str
    court: str
    case_ref: str
    without_notice: bool | None
    power_of_arrest: bool | None
    replaces_ref: str
    team: str
    officer: str
    updated_at: datetime


class PartyRow(NamedTuple):
    """A row of parties.csv."""

    line: int
    order_ref: str
    person_ref: str
    role: str
    relationship: str


class PersonRow(NamedTuple):
    """A row of people.csv. Names are stored as they came, formulas too: they are made harmless where exported."""

    line: int
    person_ref: str
    family_name: str
    given_names: str
    date_of_birth: date | None
    sex: str
    ethnicity: str
    pnc_id: str
    warnings: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    updated_at: datetime


class AddressRow(NamedTuple):
    """A row of addresses.csv: a home from `from_on` until `to_on`, the first day outside. `secret` None: not said."""

    line: int
    person_ref: str
    address_ref: str
    address: str
    postcode: str
    neighbourhood: str
    status: str
    from_on: date
    to_on: date | None
    secret: bool | None
    updated_at: datetime


class ConditionRow(NamedTuple):
    """A row of conditions.csv. `begins_is_date` and `until_is_date`: the instant is the midnight that begins a date."""

    line: int
    order_ref: str
    condition_ref: str
    code: str
    text: str
    begins: datetime | None
    begins_is_date: bool
    until: datetime | None
    until_is_date: bool


class EventRow(NamedTuple):
    """A row of events.csv. `until_open`: until further order; `retracts`: the event_ref that a RETRACTED takes back.

    `at_is_date` and `until_is_date`: the instant is the midnight that begins a date.
    """

    line: int
    order_ref: str
    event_ref: str
    event: str
    at: datetime
    at_is_date: bool
    until: datetime | None
    until_is_date: bool
    until_open: bool
    by: str
    text: str
    retracts: str
    updated_at: datetime


class ArrestRow(NamedTuple):
    """A row of arrests.csv: how many arrests for violent domestic abuse an area had in a month (its first day)."""

    line: int
    month: date
    area: str
    arrests: int
    source: str


Row = OrderRow | PartyRow | PersonRow | AddressRow | ConditionRow | EventRow | ArrestRow

# A placeholder for an instant that could not be read: the row that would carry it is never built into the register,
# because a problem has been noted.
_UNREAD = datetime.min.replace(tzinfo=UTC)


def order_row(fields: Fields) -> OrderRow:
    """Read a row of orders.csv."""
    order_ref = fields.ref("order_ref")
    replaces_ref = fields.ref("replaces_ref", required=False)
    if replaces_ref and replaces_ref == order_ref:
        fields.problem("replaces_ref", "says that the order follows itself")
    return OrderRow(
        line=fields.line,
        order_ref=order_ref,
        kind=fields.choice("kind", KINDS),
        force=fields.text("force", 16, required=True),
        reference=fields.text("reference", 100) or order_ref,
        court=fields.text("court", 200),
        case_ref=fields.text("case_ref", 100),
        without_notice=fields.yes_no("without_notice"),
        power_of_arrest=fields.yes_no("power_of_arrest"),
        replaces_ref=replaces_ref,
        team=fields.text("team", 100),
        officer=fields.text("officer", 100),
        updated_at=fields.changed_at() or _UNREAD,
    )


def party_row(fields: Fields) -> PartyRow:
    """Read a row of parties.csv."""
    return PartyRow(
        line=fields.line,
        order_ref=fields.ref("order_ref"),
        person_ref=fields.ref("person_ref"),
        role=fields.choice("role", ROLES),
        relationship=fields.text("relationship", 100),
    )


def person_row(fields: Fields) -> PersonRow:
    """Read a row of people.csv."""
    updated_at = fields.changed_at() or _UNREAD
    born = fields.day("date_of_birth")
    if born and updated_at is not _UNREAD and born > updated_at.date():
        fields.problem("date_of_birth", "lies after the row was last changed")
    this_year = updated_at.year if updated_at is not _UNREAD else 2000
    aliases = []
    for part in split_list(fields.text("aliases", TEXT_LIMIT)):
        family, _, given = (piece.strip() for piece in part.partition(","))
        if len(family) > 200 or len(given) > 200:
            fields.problem("aliases", "holds a name of more than 200 characters")
        elif family:
            aliases.append((family, given))
        else:
            fields.problem("aliases", "holds a name without a family name (each is FAMILY, Given)")
    return PersonRow(
        line=fields.line,
        person_ref=fields.ref("person_ref"),
        family_name=fields.text("family_name", 200, required=True),
        given_names=fields.text("given_names", 200),
        date_of_birth=born,
        sex=fields.choice("sex", SEXES, blank=""),
        ethnicity=fields.text("ethnicity", 8),
        pnc_id=fields.parsed("pnc_id", lambda text: pnc_id_from(text, this_year)) or "",
        warnings=split_list(fields.text("warnings", 200)),
        aliases=tuple(aliases),
        updated_at=updated_at,
    )


def address_row(fields: Fields) -> AddressRow:
    """Read a row of addresses.csv."""
    from_on = fields.day("from", required=True)
    to_on = fields.day("to")
    if from_on and to_on and to_on <= from_on:
        fields.problem("to", "is not after from (it is the first day no longer lived there)")
    address = fields.text("address", 500)
    postcode = fields.text("postcode", 16)
    try:
        postcode = postcode_from(postcode) if postcode else ""
    except ValueProblem as problem:
        # Kept as it came: a residence with a mistyped postcode is still a residence.
        fields.remark("postcode", str(problem))
    neighbourhood = fields.text("neighbourhood", 16)
    status = fields.choice("status", STATUSES, blank="")
    if not status:
        status = "home" if address or postcode or neighbourhood else "unknown"
    return AddressRow(
        line=fields.line,
        person_ref=fields.ref("person_ref"),
        address_ref=fields.ref("address_ref"),
        address=address,
        postcode=postcode,
        neighbourhood=neighbourhood,
        status=status,
        from_on=from_on or date.min,
        to_on=to_on,
        secret=fields.yes_no("secret"),
        updated_at=fields.changed_at() or _UNREAD,
    )


def condition_row(fields: Fields) -> ConditionRow:
    """Read a row of conditions.csv. A blank code is Z, free text."""
    begins = fields.moment("from")
    until = fields.moment("until")
    if begins and until and last_instant(until) < begins.at:
        fields.problem("until", "lies before from")
    code = fields.choice("code", CONDITION_CODES, blank="Z")
    if code and code not in DEFINED_CONDITION_CODES:
        fields.remark("code", "is a letter that no condition has been given yet; kept as it is")
    return ConditionRow(
        line=fields.line,
        order_ref=fields.ref("order_ref"),
        condition_ref=fields.ref("condition_ref"),
        code=code,
        text=fields.text("text", TEXT_LIMIT, required=True),
        begins=begins.at if begins else None,
        begins_is_date=begins is not None and begins.is_date,
        until=until.at if until else None,
        until_is_date=until is not None and until.is_date,
    )


def event_row(fields: Fields) -> EventRow:
    """Read a row of events.csv."""
    event = fields.choice("event", EVENTS)
    at = fields.moment("at", required=True)
    until: Moment | None = None
    until_open = fields.raw("until") == UNTIL_FURTHER_ORDER
    if until_open and event not in STATED_END_EVENTS:
        fields.problem("until", f"is {UNTIL_FURTHER_ORDER}, which only MADE, VARIED and RENEWED can be")
    elif not until_open:
        until = fields.parsed("until", moment_from)
        if until and event and event not in UNTIL_EVENTS:
            fields.remark("until", f"has no meaning for {event}; kept as it came")
        elif at and until and last_instant(until) < at.at:
            fields.problem("until", "lies before at")
    text = fields.text("text", TEXT_LIMIT)
    if event == "RETRACTED" and not text:
        fields.problem("text", "is missing: it names the event_ref that was recorded in error")
    return EventRow(
        line=fields.line,
        order_ref=fields.ref("order_ref"),
        event_ref=fields.ref("event_ref"),
        event=event,
        at=at.at if at else _UNREAD,
        at_is_date=at is not None and at.is_date,
        until=until.at if until else None,
        until_is_date=until is not None and until.is_date,
        until_open=until_open,
        by=fields.text("by", 200),
        text=text,
        retracts=text if event == "RETRACTED" else "",
        updated_at=fields.changed_at() or _UNREAD,
    )


def arrest_row(fields: Fields) -> ArrestRow:
    """Read a row of arrests.csv."""
    month = fields.parsed("month", lambda text: day_from(f"{text}-01"), required=True)
    count = fields.raw("count")
    if not (count.isascii() and count.isdigit() and len(count) < 8):
        fields.problem("count", "is not a whole number" if count else "is missing")
        count = "0"
    return ArrestRow(
        line=fields.line,
        month=month or date.min,
        area=fields.text("area", 16, required=True),
        arrests=int(count),
        source=fields.text("source", 100),
    )
