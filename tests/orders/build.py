"""A small register to test against, made through the actions that users have. All people are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from orders.actions.by_hand import NewOrder, orders_of, register, settle_residence
from orders.models import Area, BankHoliday, Level, Order, Person, Role, User
from orders.places import projection
from orders.record.recording import recording
from orders.statute import Event

LONDON = ZoneInfo("Europe/London")
_numbers = count(1)


def local(text: str) -> datetime:
    """A local time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def on(text: str) -> datetime:
    """The local midnight that begins a date."""
    return local(f"{text}T00:00")


@dataclass(frozen=True)
class Map:
    """Two forces: one with two LPAs of two neighbourhoods each, and one next to it."""

    force: Area
    walsall: Area
    palfrey: Area
    pleck: Area
    coventry: Area
    foleshill: Area
    radford: Area
    next_force: Area
    next_lpa: Area
    next_neighbourhood: Area


def make_map() -> Map:
    """Store the areas, and the bank holidays of the years that the tests speak of."""
    BankHoliday.objects.bulk_create(
        [BankHoliday(day=date(year, 12, 25), name="Christmas Day") for year in range(2020, 2029)],
        ignore_conflicts=True,
    )

    def area(code: str, level: Level, parent: Area | None = None) -> Area:
        force = None if parent is None else (parent.force or parent)
        return Area.objects.create(
            code=code, name=f"Demo {code}", level=level, parent=parent, force=force, is_demonstration=True
        )

    force = area("WMP", Level.FORCE)
    walsall = area("WMP-WAL", Level.LPA, force)
    coventry = area("WMP-COV", Level.LPA, force)
    other = area("STF", Level.FORCE)
    other_lpa = area("STF-NOR", Level.LPA, other)
    return Map(
        force=force,
        walsall=walsall,
        palfrey=area("WMP-WAL-01", Level.NEIGHBOURHOOD, walsall),
        pleck=area("WMP-WAL-02", Level.NEIGHBOURHOOD, walsall),
        coventry=coventry,
        foleshill=area("WMP-COV-01", Level.NEIGHBOURHOOD, coventry),
        radford=area("WMP-COV-02", Level.NEIGHBOURHOOD, coventry),
        next_force=other,
        next_lpa=other_lpa,
        next_neighbourhood=area("STF-NOR-01", Level.NEIGHBOURHOOD, other_lpa),
    )


def make_user(force: Area | None, *roles: Role, secret_places: bool = False) -> User:
    """A user with these roles; a viewer, if none is named."""
    return User.objects.create_user(
        f"user{next(_numbers)}",
        roles=[role.value for role in roles or (Role.VIEWER,)],
        force=force,
        may_see_secret_places=secret_places,
    )


def make_person(
    family_name: str,
    *homes: tuple[Area | None, str, str | None],
    secret: bool | None = None,
    status: str = "home",
) -> Person:
    """A person with homes, each (neighbourhood, first day, first day no longer there)."""
    with recording(by=None, action="make person") as opened:
        person = Person.objects.create(
            source="register", source_ref=f"T-{next(_numbers)}", family_name=family_name, recording=opened
        )
    for neighbourhood, from_on, to_on in homes:
        settle_residence(
            person,
            neighbourhood=neighbourhood,
            from_on=date.fromisoformat(from_on),
            to_on=None if to_on is None else date.fromisoformat(to_on),
            secret=secret,
            status=status,
            by=None,
        )
    return person


def describe(person: Person, **fields: object) -> None:
    """Let the source describe a person otherwise, as an import does."""
    with recording(by=None, action="describe person") as opened:
        Person.objects.filter(pk=person.pk).update(**fields, recording=opened)
        projection.project(orders_of([person.pk]), opened)


def make_nmo(
    force: Area,
    perpetrator: Person,
    *victims: Person,
    made: str = "2026-03-02T11:00",
    until: str | None = "2027-03-01",
    kind: str = "NMO",
    events: tuple[Event, ...] = (),
) -> Order:
    """A non-molestation order made at a local time until the end of a local date, or until further order."""
    return register(
        NewOrder(
            kind=kind,
            reference=f"{kind}/2026/{next(_numbers):04}",
            owner_force=force,
            perpetrator=perpetrator,
            victims=victims,
            events=(
                Event(
                    "MADE",
                    local(made),
                    until=None if until is None else on(until),
                    until_is_date=until is not None,
                    until_open=until is None,
                ),
                *events,
            ),
        ),
        by=None,
    )


MINUTE = timedelta(minutes=1)
