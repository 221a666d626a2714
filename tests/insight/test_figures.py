"""Each figure against a register made by hand, whose answers were counted on paper from its definition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from orders.actions.arrests import tell_arrests
from orders.actions.by_hand import NewOrder, record_event, register, retract_event, settle_residence
from orders.insight.figures import Duration, Figures, figures
from orders.insight.period import Period, next_month
from orders.models import Area, AuditEntry, Order
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_person, on

pytestmark = pytest.mark.django_db

NOW = local("2026-06-15T12:00")
JAN, FEB, MAR, APR, MAY, JUN = (date(2026, month, 1) for month in range(1, 7))
PERIOD = Period(JAN, JUN)


@pytest.fixture
def areas() -> Map:
    return make_map()


def order(
    areas: Map, kind: str, *events: Event, home: Area | None = None, replaces: Order | None = None, force: Area | None = None
) -> Order:  # fmt: skip
    """An order whose respondent lives in Palfrey (Walsall), unless elsewhere, its protected person nowhere known."""
    return register(
        NewOrder(
            kind=kind,
            reference=f"{kind}/{Order.objects.count()}",
            owner_force=force or areas.force,
            perpetrator=make_person("R", (home or areas.palfrey, "2020-01-01", None)),
            victims=[make_person("P")],
            events=events,
            replaces=replaces,
        ),
        by=None,
    )


def at(kind: str, when: str, **options: Any) -> Event:
    return Event(kind, local(when), **options)


def dated(kind: str, when: str) -> Event:
    return Event(kind, on(when), at_is_date=True)


def counted(areas: Map, period: Period = PERIOD, now: Any = NOW) -> Figures:
    return figures(areas.force, [areas.force, areas.coventry, areas.walsall], period, now)


def monthly(found: Figures, name: str, area: Area) -> list[int]:
    return [found.counts[name].get((month, area.pk), 0) for month in found.period]


@pytest.fixture
def notices(areas: Map) -> Map:
    """DVPNs and what came of their applications, January to June."""
    made = {"until": None, "until_is_date": False}
    granted = order(areas, "DVPN", at("SERVED", "2026-01-12T10:00"))
    order(
        areas, "DVPO", at("APPLIED", "2026-01-13T09:00"), at("MADE", "2026-01-14T09:30", **made),
        at("SERVED", "2026-01-16T09:30"), at("ON_PNC", "2026-01-14T21:30"), replaces=granted,
    )  # fmt: skip
    # Adjourned, and granted in the month after.
    adjourned = order(areas, "DVPN", at("SERVED", "2026-01-30T12:00"), at("HEARING", "2026-01-31T12:00"))
    order(areas, "DVPO", at("MADE", "2026-02-03T12:00", **made), replaces=adjourned)
    # Refused on the notice's own record; refused on the record of the order; both, which is one application.
    order(areas, "DVPN", at("SERVED", "2026-02-09T10:00"), at("REFUSED", "2026-02-10T10:00"))
    refused = order(areas, "DVPN", at("SERVED", "2026-03-02T10:00"))
    order(areas, "DVPO", at("APPLIED", "2026-03-03T09:00"), at("REFUSED", "2026-03-03T15:00"), replaces=refused)
    both = order(areas, "DVPN", at("SERVED", "2026-03-09T10:00"), at("REFUSED", "2026-03-10T10:00"))
    order(areas, "DVPO", at("REFUSED", "2026-03-10T10:00"), replaces=both)
    order(areas, "DVPN", at("SERVED", "2026-03-16T10:00"), at("WITHDRAWN", "2026-03-17T10:00"))
    # Nobody said what came of it. Authorised and never served is not a notice served.
    order(areas, "DVPN", at("SERVED", "2026-04-20T10:00"))
    order(areas, "DVPN", at("AUTHORISED", "2026-04-21T10:00"))
    # Served twice counts once, in the month of the first; in Coventry.
    order(areas, "DVPN", at("SERVED", "2026-04-29T10:00"), at("SERVED", "2026-05-01T10:00"), home=areas.foleshill)
    # Another force's, placed elsewhere; and what is dated in the future.
    order(areas, "DVPN", at("SERVED", "2026-04-20T10:00"), home=areas.next_neighbourhood, force=areas.next_force)
    order(areas, "DVPN", at("SERVED", "2026-06-20T10:00"))
    return areas


def test_applications_by_the_month_of_the_decision(notices: Map) -> None:
    found = counted(notices)
    for area in (notices.force, notices.walsall):
        assert monthly(found, "granted", area) == [1, 1, 0, 0, 0, 0]
        assert monthly(found, "refused", area) == [0, 1, 2, 0, 0, 0]
        assert monthly(found, "withdrawn", area) == [0, 0, 1, 0, 0, 0]
    assert monthly(found, "refused", notices.coventry) == [0] * 6
    assert found.share_not_granted(notices.force, [JAN]) == 0
    assert found.share_not_granted(notices.force, [FEB]) == Fraction(1, 2)
    # The withdrawn one is neither granted nor refused.
    assert found.share_not_granted(notices.force, [MAR]) == 1
    assert found.share_not_granted(notices.force, PERIOD) == Fraction(3, 5)
    assert found.share_not_granted(notices.force, [APR]) is None


def test_notices_without_a_decision_at_the_end_of_each_month(notices: Map) -> None:
    found = counted(notices)
    waiting = [found.undecided.get((month, notices.force.pk), 0) for month in PERIOD]
    assert waiting == [1, 0, 0, 2, 2, 2]


def test_notices_served_by_the_first_service_and_where_the_person_lived(notices: Map) -> None:
    found = counted(notices)
    assert monthly(found, "dvpn_served", notices.force) == [2, 1, 3, 2, 0, 0]
    assert monthly(found, "dvpn_served", notices.walsall) == [2, 1, 3, 1, 0, 0]
    assert monthly(found, "dvpn_served", notices.coventry) == [0, 0, 0, 1, 0, 0]
    assert monthly(found, "dvpo_made", notices.force) == [1, 1, 0, 0, 0, 0]
    assert found.total("dvpn_served", notices.force) == 8


def test_the_share_of_arrests_is_not_known_without_them_and_never_nought(notices: Map) -> None:
    for month, count in ((JAN, 20), (FEB, 0), (MAR, 10)):
        tell_arrests(notices.walsall, month, count, source="custody", by=None)
    tell_arrests(notices.coventry, JAN, 5, source="custody", by=None)
    found = counted(notices)
    assert found.share_served(notices.walsall, [JAN]) == Fraction(2, 20)
    assert found.share_served(notices.walsall, [FEB]) is None
    assert found.share_served(notices.walsall, [MAR]) == Fraction(3, 10)
    assert found.share_served(notices.walsall, [APR]) is None
    # A period of which a month is not known is not known: a part would be taken for the whole.
    assert found.share_served(notices.walsall, [JAN, FEB, MAR]) == Fraction(6, 30)
    assert found.share_served(notices.walsall, PERIOD) is None
    # Of the force nobody told, so it is the sum of its areas where all of them were told, else not known.
    assert found.arrests_in(notices.force, [JAN]) == 25
    assert found.arrests_in(notices.force, [FEB]) is None
    tell_arrests(notices.force, JAN, 40, source="custody", by=None)
    assert counted(notices).share_served(notices.force, [JAN]) == Fraction(2, 40)


def test_what_the_force_told_is_kept_in_the_log_when_it_is_told_again(areas: Map) -> None:
    assert tell_arrests(areas.walsall, JAN, 20, source="custody", by=None) is None
    assert tell_arrests(areas.walsall, JAN, 22, source="custody", by=None) == 20
    assert [entry.detail["before"] for entry in AuditEntry.objects.filter(action="tell arrests").order_by("pk")] == [
        None,
        20,
    ]


def test_breaches_by_kind_in_the_month_they_happened_unless_recorded_in_error(areas: Map) -> None:
    breached = order(areas, "DVPO", at("MADE", "2026-02-25T09:00"), at("BREACHED", "2026-02-28T23:59"))
    record_event(breached, at("BREACHED", "2026-03-01T00:00"), by=None)
    wrong = record_event(breached, at("BREACHED", "2026-03-02T10:00"), by=None)
    retract_event(wrong, by=None, reason="another man")
    order(areas, "NMO", dated("MADE", "2026-03-02"), dated("BREACHED", "2026-03-31"))
    found = counted(areas)
    assert monthly(found, "breached_DVPO", areas.force) == [0, 1, 1, 0, 0, 0]
    assert monthly(found, "breached_NMO", areas.force) == [0, 0, 1, 0, 0, 0]


def test_orders_live_at_the_end_of_each_month_are_a_snapshot(areas: Map) -> None:
    def made(kind: str, when: str, until: str | None) -> Order:
        ends = {"until": on(until), "until_is_date": True} if until else {"until_open": True}
        return order(areas, kind, at("MADE", when, **ends))

    made("SPO", "2026-01-31T23:00", None)
    made("SPO", "2026-02-01T00:30", None)
    made("NMO", "2026-01-10T10:00", "2026-03-31")
    interim = made("ISPO", "2026-03-02T10:00", "2026-05-20")
    mover = Order.objects.get(reference=interim.reference).parties.get(role="perpetrator").person
    home = mover.residences.get()
    settle_residence(
        mover, from_on=date(2020, 1, 1), to_on=date(2026, 4, 15), neighbourhood=areas.palfrey, by=None, replacing=home
    )
    settle_residence(mover, from_on=date(2026, 4, 15), neighbourhood=areas.foleshill, by=None)
    found = counted(areas)

    def live(kind: str, area: Area) -> list[int]:
        return [found.live[kind].get((month, area.pk), 0) for month in PERIOD]

    assert live("SPO", areas.force) == [1, 2, 2, 2, 2, 2]
    # Through the last day of March is over when March is.
    assert live("NMO", areas.force) == [1, 1, 0, 0, 0, 0]
    assert live("ISPO", areas.force) == [0, 0, 1, 1, 0, 0]
    assert live("ISPO", areas.walsall) == [0, 0, 1, 0, 0, 0]
    assert live("ISPO", areas.coventry) == [0, 0, 0, 1, 0, 0]
    # A month that is not over is counted as it now stands.
    early = counted(areas, now=local("2026-02-01T00:10"))
    assert early.live["SPO"] == {
        (JAN, areas.force.pk): 1,
        (JAN, areas.walsall.pk): 1,
        (FEB, areas.force.pk): 1,
        (FEB, areas.walsall.pk): 1,
    }


def test_how_long_it_took_to_the_hearing_to_service_and_to_pnc(notices: Map) -> None:
    found = counted(notices)
    january, force = JAN, notices.force.pk
    # 47.5 hours to the order, 24 to the hearing that adjourned: the middle lies between them.
    assert found.durations["to_hearing"][january, force] == Duration(2, 35.75, 47.5, 0)
    assert found.durations["to_hearing"][APR, force] == Duration(0, None, None, 2)
    assert found.durations["to_service"][january, force] == Duration(1, 48.0, 48.0, 0)
    assert found.durations["to_pnc"][january, force] == Duration(1, 12.0, 12.0, 0)
    assert found.durations["to_service"][FEB, force] == Duration(0, None, None, 1)


def test_it_takes_as_many_statements_for_many_orders_as_for_few(
    notices: Map, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(5):
        counted(notices)
    for number in range(20):
        order(notices, "DVPN", at("SERVED", "2026-05-05T10:00") if number else at("AUTHORISED", "2026-05-05T10:00"))
    with django_assert_num_queries(5):
        assert monthly(counted(notices), "dvpn_served", notices.force)[4] == 19


def test_months_are_local_and_a_period_is_bounded() -> None:
    assert list(Period(date(2025, 12, 1), date(2026, 2, 1))) == [date(2025, 12, 1), JAN, FEB]
    assert next_month(date(2025, 12, 1)) == JAN
    assert Period.to(date(2026, 2, 20), 12) == Period(date(2025, 3, 1), FEB)
    assert Period(MAR, MAR).over - Period(MAR, MAR).starts == timedelta(days=31) - timedelta(hours=1)
    for first, last in ((FEB, JAN), (date(2010, 1, 1), JAN), (date(2026, 1, 2), FEB)):
        with pytest.raises(ValueError, match="a period is"):
            Period(first, last)
