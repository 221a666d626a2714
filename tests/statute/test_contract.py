"""The rules of the extract contract on which two engineers would differ, as far as they are the law's."""

from __future__ import annotations

from datetime import date

import pytest

from orders.statute import Follower, OrderFacts, assess, event_errors
from tests.statute.build import HOLIDAYS, ended_by, event, local, order, standing


def nmo(*events: object, without_notice: bool = True, until: str = "2025-06-13T23:59") -> OrderFacts:
    made = event("MADE", "2024-06-14T16:00", until)
    return order("NMO", made, *events, without_notice=without_notice)  # type: ignore[arg-type]


class TestContract:
    """The rules of the extract contract on which two engineers would differ."""

    @pytest.mark.parametrize(("kind", "instant", "expected"), [
        ("DVPO", "2024-03-28T23:59", "live"), ("DVPO", "2024-03-29T00:00", "unconfirmed"),
        ("DVPO", "2024-04-11T23:59", "unconfirmed"), ("DVPO", "2024-04-12T00:00", "ended"),
        ("SPO", "2026-03-14T23:59", "live"), ("SPO", "2026-03-15T00:00", "unconfirmed"),
        ("SRO", "2026-03-15T00:00", "unconfirmed"), ("SHPO", "2029-03-14T23:59", "live"),
        ("SHPO", "2029-03-15T00:00", "unconfirmed"), ("NMO", "2024-03-15T11:40", "unconfirmed"),
        ("RO", "2024-03-15T11:40", "unconfirmed"),
    ])  # fmt: skip
    def test_7_an_end_that_is_not_stated(self, kind: str, instant: str, expected: str) -> None:
        assert standing(order(kind, event("MADE", "2024-03-15T11:40")), instant) == expected

    def test_2_dates_without_times(self) -> None:
        facts = order("NMO", event("MADE", "2024-06-14", "UFO"), event("SERVED", "2024-06-15"))
        assert standing(facts, "2024-06-14T00:00") == "live"
        assert assess(facts, local("2024-06-15T23:59"), HOLIDAYS).service == "not served"
        assert assess(facts, local("2024-06-16T00:00"), HOLIDAYS).service == "served"
        ended = order("NMO", event("MADE", "2024-06-14", "UFO"), event("DISCHARGED", "2024-07-01"))
        assert standing(ended, "2024-07-01T23:59:59") == "live"
        assert standing(ended, "2024-07-02T00:00") == "ended"

    def test_2_a_notice_served_on_a_date_counts_from_its_midnight(self) -> None:
        facts = order("DVPN", event("SERVED", "2024-02-06"))
        assert standing(facts, "2024-02-06T00:00") == "live"
        (deadline,) = assess(facts, local("2024-02-06T12:00"), HOLIDAYS).deadlines
        assert (deadline.due, deadline.time_not_recorded) == (local("2024-02-08T00:00"), True)

    def test_3_a_following_order_ends_nothing_but_notices_and_interims(self) -> None:
        made = event("MADE", "2024-09-01T12:00", "UFO")
        facts = order("NMO", event("MADE", "2024-06-14T12:00", "UFO"), followers=(Follower("NMO", "N", (made,)),))
        assert standing(facts, "2025-01-01T00:00") == "live"

    def test_8_what_was_recorded_in_error_has_no_effect_at_any_instant(self) -> None:
        wrong = event("DISCHARGED", "2024-07-01T12:00", ref="E-2")
        facts = nmo(wrong, event("RETRACTED", "2024-08-01", ref="E-3", retracts="E-2"))
        assert standing(facts, "2024-07-15T12:00") == "live"
        undone = nmo(
            wrong,
            event("RETRACTED", "2024-08-01", ref="E-3", retracts="E-2"),
            event("RETRACTED", "2024-08-02", ref="E-4", retracts="E-3"),
        )
        assert standing(undone, "2024-07-15T12:00") == "ended"

    def test_11_a_person_may_record_that_a_notice_lapsed(self) -> None:
        facts = order("DVPN", event("SERVED", "2024-03-28T22:00"), event("LAPSED", "2024-04-03T09:00"))
        assert standing(facts, "2024-04-03T08:59") == "unconfirmed"
        assert ended_by(facts, "2024-04-03T09:00") == "lapsed"

    @pytest.mark.parametrize(
        ("produced", "at", "met"),
        [
            (None, "2024-04-14T12:00", None),
            (None, "2024-05-01T12:00", None),
            ("2024-04-15T14:59:59", "2024-04-16T12:00", True),
            ("2024-04-15T15:00:00", "2024-04-16T12:00", False),
        ],
    )
    def test_14_before_the_court_strictly_before_the_24_hours_are_over(
        self, produced: str | None, at: str, met: bool | None
    ) -> None:
        events = [event("MADE", "2024-04-01T12:00", "2024-04-28"), event("ARRESTED", "2024-04-13T15:00")]
        events += [event("PRODUCED", produced)] if produced else []
        (deadline,) = assess(order("DVPO", *events), local(at), HOLIDAYS).deadlines
        assert (deadline.due, deadline.met) == (local("2024-04-15T15:00"), met)

    @pytest.mark.parametrize(
        ("events", "at", "expected"),
        [
            ((), "2024-07-01T12:00", "awaiting"),
            ((("ON_PNC", "2024-06-20T12:00"),), "2024-06-20T11:59", "awaiting"),
            ((("ON_PNC", "2024-06-20T12:00"),), "2024-06-20T12:00", "on"),
            ((("ON_PNC", "2024-06-20T12:00"),), "2025-07-01T12:00", "removal due"),
            ((("ON_PNC", "2024-06-20T12:00"), ("OFF_PNC", "2025-07-02T12:00")), "2025-07-03T12:00", "off"),
        ],
    )
    def test_13_pnc(self, events: tuple[tuple[str, str], ...], at: str, expected: str) -> None:
        facts = nmo(*(event(kind, when) for kind, when in events))
        assert assess(facts, local(at), HOLIDAYS).pnc == expected

    def test_1_newer_information_that_was_not_applied_makes_it_unconfirmed(self) -> None:
        made = event("MADE", "2024-06-14T16:00", "UFO")
        facts = order("NMO", made, doubt_since=local("2024-08-01T12:00"))
        assert standing(facts, "2024-08-01T11:59") == "live"
        assert standing(facts, "2024-08-01T12:00") == "unconfirmed"
        assert any(
            "could not be applied" in reason.text for reason in assess(facts, local("2025-01-01T00:00"), HOLIDAYS).why
        )

    def test_beyond_the_bank_holidays_a_notice_is_unconfirmed_with_the_reason(self) -> None:
        facts = order("DVPN", event("SERVED", "2035-02-06T10:00"))
        assert standing(facts, "2035-02-06T10:00") == "unconfirmed"
        found = assess(facts, local("2035-02-06T11:00"), HOLIDAYS)
        assert found.deadlines == ()
        assert any("bank holidays of 2035 are not loaded" in reason.text for reason in found.why)
        assert HOLIDAYS.warns_on(date(2028, 1, 1))
        assert not HOLIDAYS.warns_on(date(2027, 6, 1))

    @pytest.mark.parametrize(
        ("kind", "wrong", "message"),
        [
            ("DVPO", event("VARIED", "2024-03-20", "2024-05-01"), "varied or renewed"),
            ("DVPN", event("RENEWED", "2024-03-20", "2024-05-01"), "varied or renewed"),
            ("DVPO", event("DISCHARGED", "2024-03-20"), "text: is missing"),
            ("DVPN", event("MADE", "2024-03-20"), "does not happen to a DVPN"),
            ("NMO", event("AUTHORISED", "2024-03-20"), "does not happen to a NMO"),
            ("RO", event("REVIEWED", "2024-03-20"), "does not happen to a RO"),
            ("NMO", event("MADE", "2024-03-20", "2024-03-01"), "until: lies before the time"),
        ],
    )
    def test_4_what_an_order_cannot_have(self, kind: str, wrong: object, message: str) -> None:
        assert any(message in error for error in event_errors(kind, wrong))  # type: ignore[arg-type]

    def test_an_occupation_order_says_whether_this_one_has_a_power_of_arrest(self) -> None:
        for attached, words in ((True, "has a power of arrest attached"), (False, "No power of arrest is attached"),
                                (None, "No power of arrest is recorded")):  # fmt: skip
            facts = order("OCC", event("MADE", "2024-03-01", "UFO"), power_of_arrest=attached)
            why = [reason.text for reason in assess(facts, local("2024-03-20T12:00"), HOLIDAYS).why]
            assert sum(words in text for text in why) == 1, why

    def test_12_where_breach_is_no_offence_nothing_is_said_of_provability(self) -> None:
        for kind in ("DVPN", "DVPO", "DAPN", "OCC"):
            assert assess(order(kind), local("2024-03-20T12:00"), HOLIDAYS).offence_provable is None
