"""The worked examples of the domain brief, section 2.8, by their numbers."""

from __future__ import annotations

from datetime import date

import pytest

from orders.statute import EVENT_KINDS, KINDS, Follower, OrderFacts, assess, length_warnings, parse_local
from orders.statute.periods import dvpo_last_day, last_day_of_days, last_day_of_months
from tests.statute.build import HOLIDAYS, ended_by, event, local, order, standing


def dvpo(made: str, until: str = "") -> OrderFacts:
    return order("DVPO", event("MADE", made, until))


@pytest.mark.parametrize(
    ("number", "facts", "instant", "expected"),
    [
        (28, dvpo("2024-02-10T11:00", "2024-03-08"), "2024-03-08T23:59:59", "live"),
        (28, dvpo("2024-02-10T11:00", "2024-03-08"), "2024-03-09T00:00", "ended"),
        (29, dvpo("2023-02-10T11:00", "2023-03-09"), "2023-03-09T23:59:59", "live"),
        (29, dvpo("2023-02-10T11:00", "2023-03-09"), "2023-03-10T00:00", "ended"),
        (30, dvpo("2024-02-10T11:00", "2024-02-23"), "2024-02-23T23:59:59", "live"),
        (30, dvpo("2024-02-10T11:00", "2024-02-23"), "2024-02-24T00:00", "ended"),
        (32, dvpo("2024-02-10T11:00", "2024-03-09"), "2024-03-09T12:00", "ended"),
        (33, dvpo("2024-03-15T11:00", "2024-04-11"), "2024-04-11T23:59:59", "live"),
        (33, dvpo("2024-03-15T11:00", "2024-04-11"), "2024-04-12T00:00", "ended"),
        (34, dvpo("2024-10-14T11:00", "2024-11-10"), "2024-11-10T23:59:59", "live"),
        (34, dvpo("2024-10-14T11:00", "2024-11-10"), "2024-11-11T00:00", "ended"),
        (35, dvpo("2024-12-20T11:00", "2025-01-16"), "2025-01-16T23:59:59", "live"),
        (35, dvpo("2024-12-20T11:00", "2025-01-16"), "2025-01-17T00:00", "ended"),
        (36, dvpo("2024-02-29T11:00", "2024-03-13"), "2024-03-13T23:59:59", "live"),
        (36, dvpo("2024-02-29T11:00", "2024-03-13"), "2024-03-14T00:00", "ended"),
    ],
)
def test_28_to_36_how_long_a_dvpo_lasts(number: int, facts: OrderFacts, instant: str, expected: str) -> None:
    assert standing(facts, instant) == expected


@pytest.mark.parametrize("days", [13, 29])
def test_31_and_32_entry_by_hand_refuses_other_lengths(days: int) -> None:
    with pytest.raises(ValueError, match="14 to 28 days"):
        dvpo_last_day(date(2024, 2, 10), days)
    last = last_day_of_days(date(2024, 2, 10), days)
    assert length_warnings(dvpo("2024-02-10T11:00", last.isoformat()))


SERVED = event("SERVED", "2024-03-14T20:00")
MADE = event("MADE", "2024-03-15T11:40", "2024-04-11")
NOTICE = order("DVPN", SERVED, event("HEARING", "2024-03-15T10:30"), followers=(Follower("DVPO", "O", (MADE,)),))


@pytest.mark.parametrize(("number", "instant", "notice", "follower"), [
    (37, "2024-03-15T10:00", "live", "pending"),
    (37, "2024-03-15T11:39:59", "live", "pending"),
    (38, "2024-03-15T11:40:00", "ended", "live"),
])  # fmt: skip
def test_37_and_38_exactly_one_of_the_pair_is_live(number: int, instant: str, notice: str, follower: str) -> None:
    assert standing(NOTICE, instant) == notice
    assert standing(order("DVPO", MADE, follows="DVPN"), instant) == follower
    if notice == "ended":
        assert ended_by(NOTICE, instant) == "determined"


def test_39_an_unserved_dvpo_is_live() -> None:
    facts = dvpo("2024-03-15T11:40", "2024-04-11")
    assert standing(facts, "2024-03-24T12:00") == "live"
    assert assess(facts, local("2024-03-24T12:00"), HOLIDAYS).service == "not served"


def test_40_a_notice_is_not_live_before_service() -> None:
    facts = order("DVPN", event("AUTHORISED", "2024-03-28T21:00"), event("SERVED", "2024-03-28T23:10"))
    assert standing(facts, "2024-03-28T22:00") == "pending"
    assert standing(facts, "2024-03-28T23:10") == "live"


UNHEARD = order("DVPN", event("SERVED", "2024-03-28T22:00"))


def test_41_the_deadline_itself_is_the_last_live_instant() -> None:
    assert standing(UNHEARD, "2024-04-02T22:00:00") == "live"
    assert standing(UNHEARD, "2024-04-02T22:00:00.000001") == "unconfirmed"
    assert standing(UNHEARD, "2024-04-02T22:01") == "unconfirmed"
    assert standing(UNHEARD, "2030-01-01T00:00") == "unconfirmed"
    found = assess(UNHEARD, local("2024-04-02T22:01"), HOLIDAYS)
    assert found.in_force == ((local("2024-03-28T22:00"), local("2024-04-02T22:00")),)
    (deadline,) = found.deadlines
    assert (deadline.rule, deadline.due, deadline.met) == ("dvpn_hearing_latest_48h", local("2024-04-02T22:00"), False)


ADJOURNED = event("HEARING", "2024-04-02T14:00", "2024-04-09")


def test_42_adjourned_it_continues_until_determined() -> None:
    facts = order("DVPN", SERVED_LATE := event("SERVED", "2024-03-28T22:00"), ADJOURNED)
    assert standing(facts, "2024-04-05T12:00") == "live"
    refused = order("DVPN", SERVED_LATE, ADJOURNED, event("REFUSED", "2024-04-09T15:00"))
    assert standing(refused, "2024-04-09T14:59:59") == "live"
    assert standing(refused, "2024-04-09T15:00") == "ended"
    assert ended_by(refused, "2024-04-09T15:00") == "refused"


def test_43_withdrawal_ends_it() -> None:
    facts = order("DVPN", event("SERVED", "2024-03-28T22:00"), ADJOURNED, event("WITHDRAWN", "2024-04-03T10:00"))
    assert standing(facts, "2024-04-03T09:59") == "live"
    assert ended_by(facts, "2024-04-03T10:00") == "withdrawn"


def test_44_refusal_of_the_order_that_follows_ends_the_notice() -> None:
    refused = (event("APPLIED", "2024-03-29T09:00"), event("REFUSED", "2024-04-02T15:00"))
    facts = order("DVPN", event("SERVED", "2024-03-28T22:00"), followers=(Follower("DVPO", "O", refused),))
    assert ended_by(facts, "2024-04-02T15:00") == "refused"
    assert ended_by(order("DVPO", *refused), "2024-04-02T15:00") == "refused"


@pytest.mark.parametrize(
    ("number", "made", "months", "last"),
    [
        (45, "2024-02-29", 24, "2026-02-28"),
        (46, "2024-03-01", 24, "2026-02-28"),
        (48, "2025-03-01", 36, "2028-02-29"),
        (60, "2024-06-14", 12, "2025-06-13"),
    ],
)
def test_45_46_48_60_periods_beginning_with_a_day(number: int, made: str, months: int, last: str) -> None:
    assert last_day_of_months(date.fromisoformat(made), months) == date.fromisoformat(last)


@pytest.mark.parametrize(("until", "warned"), [("2026-03-13", True), ("2026-03-14", False)])
def test_47_an_spo_shorter_than_two_years_is_flagged(until: str, warned: bool) -> None:
    assert bool(length_warnings(order("SPO", event("MADE", "2024-03-15T12:00", until)))) is warned


def test_49_until_further_order_never_expires_and_is_reviewed() -> None:
    facts = order("SPO", event("MADE", "2021-05-04T12:00", "UFO"))
    found = assess(facts, local("2026-11-23T12:00"), HOLIDAYS)
    assert found.standing == "live"
    assert found.in_force == ((local("2021-05-04T12:00"), None),)
    assert found.review is not None
    assert (found.review.due_on, found.review.overdue) == ("2021-06-04", True)


INTERIM_MADE = event("MADE", "2024-06-03T12:00", "2024-08-31")
FULL_MADE = event("MADE", "2024-07-22T15:00", "2029-07-21")


def interim(*following: object) -> OrderFacts:
    return order("ISPO", INTERIM_MADE, followers=(Follower("SPO", "F", following),))  # type: ignore[arg-type]


def test_50_a_full_order_replaces_the_interim_without_a_new_duty_to_notify() -> None:
    full = order("SPO", FULL_MADE, event("SERVED", "2024-07-22T17:00"), follows="ISPO")
    assert standing(interim(FULL_MADE), "2024-07-22T14:59:59") == "live"
    assert ended_by(interim(FULL_MADE), "2024-07-22T15:00") == "replaced"
    assert standing(full, "2029-07-21T23:59:59") == "live"
    assert standing(full, "2029-07-22T00:00") == "ended"
    assert assess(full, local("2024-07-23T12:00"), HOLIDAYS).deadlines == ()


def test_51_refusal_of_the_main_application_ends_the_interim() -> None:
    refused = event("REFUSED", "2024-07-22T15:00")
    assert ended_by(interim(refused), "2024-07-22T15:00") == "refused"
    assert ended_by(order("SPO", refused, follows="ISPO"), "2024-07-22T15:00") == "refused"


def test_52_an_interim_runs_out_at_its_fixed_end() -> None:
    facts = interim(event("APPLIED", "2024-05-20"))
    assert standing(facts, "2024-08-31T23:59:59") == "live"
    assert ended_by(facts, "2024-09-01T00:00") == "expired"


def test_53_the_subject_notifies_within_three_days_of_service() -> None:
    facts = order("ISPO", INTERIM_MADE, event("SERVED", "2024-06-07T16:00"))
    (deadline,) = assess(facts, local("2024-06-08T12:00"), HOLIDAYS).deadlines
    assert (deadline.rule, deadline.due) == ("spo_notification_last_day_3d", local("2024-06-10T00:00"))
    assert deadline.source == "Stalking Protection Act 2019 s.9"


def test_54_a_renewed_order_is_one_order_without_a_gap() -> None:
    facts = order("SPO", event("MADE", "2024-03-15T12:00", "2026-03-14"), event("RENEWED", "2026-03-10", "2028-03-09"))
    for instant in ("2026-03-14T23:59", "2026-03-15T00:00", "2028-03-09T23:59:59"):
        assert standing(facts, instant) == "live", instant
    assert standing(facts, "2028-03-10T00:00") == "ended"
    assert len(assess(facts, local("2027-01-01T00:00"), HOLIDAYS).in_force) == 1


def test_55_discharge() -> None:
    facts = order("SPO", event("MADE", "2024-03-15T12:00", "2027-03-14"), event("DISCHARGED", "2025-01-20T12:00"))
    assert standing(facts, "2025-01-20T11:59:59") == "live"
    assert ended_by(facts, "2025-01-20T12:00") == "discharged"


def test_56_an_appeal_changes_nothing() -> None:
    facts = order("SPO", event("MADE", "2024-03-15T12:00", "UFO"), event("APPEALED", "2024-04-01"))
    assert standing(facts, "2024-05-01T00:00") == "live"


def nmo(*events: object, without_notice: bool = True, until: str = "2025-06-13T23:59") -> OrderFacts:
    made = event("MADE", "2024-06-14T16:00", until)
    return order("NMO", made, *events, without_notice=without_notice)  # type: ignore[arg-type]


def test_57_an_unserved_nmo_without_notice_is_live_and_breach_not_provable() -> None:
    found = assess(nmo(), local("2024-06-15T12:00"), HOLIDAYS)
    assert (found.standing, found.offence_provable) == ("live", False)
    assert assess(nmo(without_notice=False), local("2024-06-15T12:00"), HOLIDAYS).offence_provable is True


def test_58_told_by_telephone_breach_is_provable_from_then() -> None:
    facts = nmo(event("TOLD", "2024-06-19T21:15"))
    before, after = (assess(facts, local(f"2024-06-19T21:{minute}"), HOLIDAYS) for minute in ("14", "15"))
    assert (before.service, before.offence_provable) == ("not served", False)
    assert (after.service, after.offence_provable) == ("told", True)


def test_59_a_stated_time_governs_and_a_date_runs_through_its_day() -> None:
    assert standing(nmo(), "2025-06-13T23:58:59") == "live"
    assert standing(nmo(), "2025-06-13T23:59:00") == "ended"
    assert standing(nmo(until="2025-06-13"), "2025-06-13T23:59:30") == "live"
    assert standing(nmo(until="2025-06-13"), "2025-06-14T00:00") == "ended"


def test_61_an_open_nmo_is_reviewed_yearly() -> None:
    found = assess(nmo(until="UFO"), local("2030-01-01T12:00"), HOLIDAYS)
    assert found.standing == "live"
    assert found.review is not None
    assert found.review.due_on == "2025-06-14"
    assert assess(nmo(), local("2024-07-01T12:00"), HOLIDAYS).review is None


def test_62_a_variation_without_a_new_end_changes_no_end() -> None:
    facts = nmo(event("VARIED", "2024-08-01T12:00"))
    assert standing(facts, "2025-06-13T23:58") == "live"
    assert standing(facts, "2025-06-13T23:59") == "ended"


def test_63_a_passed_return_date_is_no_end_and_is_flagged() -> None:
    facts = nmo(event("RETURN_DATE", "2024-06-28"))
    assert standing(facts, "2024-07-15T12:00") == "live"
    assert "no result" in assess(facts, local("2024-07-15T12:00"), HOLIDAYS).flags[0].text
    assert assess(facts, local("2024-06-27T12:00"), HOLIDAYS).flags == ()


def test_64_a_stay_is_a_gap() -> None:
    facts = nmo(event("STAYED", "2024-09-02", "2024-09-09"))
    for instant, expected in (
        ("2024-09-01T23:59:59", "live"),
        ("2024-09-02T00:00", "pending"),
        ("2024-09-08T23:59:59", "pending"),
        ("2024-09-09T00:00", "live"),
    ):
        assert standing(facts, instant) == expected, instant
    assert assess(facts, local("2024-10-01T00:00"), HOLIDAYS).in_force == (
        (local("2024-06-14T16:00"), local("2024-09-02T00:00")),
        (local("2024-09-09T00:00"), local("2025-06-13T23:59")),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-03-31T01:30", "never happened"),
        ("2024-10-27T01:30", "happened twice"),
        ("2024-03-31", "a date without a time"),
        ("yesterday", "no instant"),
        ("9999-12-31T23:59-12:00", "outside the years"),
        ("0001-01-01T00:00+14:00", "outside the years"),
    ],
)
def test_local_times_that_cannot_be_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_local(text)
    assert parse_local("2024-10-27T01:30+01:00") == parse_local("2024-10-27T00:30+00:00")


def test_every_kind_and_event_has_its_words_and_source() -> None:
    for rules in KINDS.values():
        assert rules.name
        assert rules.act
        assert rules.breach_words
        assert rules.breach_source
    assert all(rules.label for rules in EVENT_KINDS.values())
    assert len(KINDS) == 16
