"""What is refused to a person who enters it, and what is asked about."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orders.statute import KINDS, Event, Follower, OrderFacts, cautions, earliest_renewal, hand_errors

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=LONDON)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def day(text: str) -> datetime:
    return at(f"{text}T00:00")


def errors(kind: str, *events: Event, held: tuple[Event, ...] = ()) -> list[str]:
    marked = tuple(Event(**{**_values(event), "ref": f"e{number}"}) for number, event in enumerate(held))
    return hand_errors(OrderFacts(kind, "X/1", marked), events, NOW)


def _values(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in Event.__slots__}


def made(kind: str, until: str | None, text: str = "") -> list[str]:
    event = Event(
        "MADE",
        at("2024-02-10T11:00"),
        until=None if until is None else day(until),
        until_is_date=until is not None,
        text=text,
    )
    return errors(kind, event)


@pytest.mark.parametrize(("last", "days"), [("2024-02-22", 13), ("2024-03-09", 29), ("2025-01-01", 327)])
def test_a_dvpo_of_a_length_the_act_does_not_allow_is_refused(last: str, days: int) -> None:
    (problem,) = made("DVPO", last)
    assert problem.startswith(f"until: its stated end gives {days} days")
    assert "Crime and Security Act 2010 s.28(10)" in problem


@pytest.mark.parametrize("last", ["2024-02-23", "2024-03-08"])
def test_a_dvpo_of_14_to_28_days_is_taken(last: str) -> None:
    assert made("DVPO", last) == []


def test_a_dvpo_and_an_interim_must_state_their_end() -> None:
    assert made("DVPO", None)[0].startswith("until: is missing; a DVPO states its period")
    assert made("ISPO", None)[0].startswith("until: is missing; an interim order is for a fixed period")
    assert made("NMO", None) == []


def test_an_spo_under_two_years_needs_a_reason() -> None:
    assert made("SPO", "2026-02-08")[0].startswith("text: say why it is shorter than the 2 years")
    assert made("SPO", "2026-02-08", "The court said so.") == []
    assert made("SPO", "2026-02-09") == []


def test_a_notice_cannot_be_served_before_it_was_authorised() -> None:
    authorised = Event("AUTHORISED", at("2026-05-01T21:00"))
    (problem,) = errors("DVPN", Event("SERVED", at("2026-05-01T20:00")), held=(authorised,))
    assert problem == (
        "at: served at 20:00 on Friday 1 May 2026, before it was authorised at 21:00 on Friday 1 May 2026; "
        "one of the two is wrong"
    )
    assert errors("DVPN", Event("SERVED", at("2026-05-01T21:00")), held=(authorised,)) == []
    assert errors("DVPN", Event("SERVED", day("2026-05-01"), at_is_date=True), held=(authorised,)) == []
    assert errors("DVPN", Event("SERVED", day("2026-04-30"), at_is_date=True), held=(authorised,)) != []
    served = Event("SERVED", at("2026-05-01T20:00"))
    assert errors("DVPN", authorised, held=(served,)) != [], "also where service was recorded first"
    assert errors("DVPN", authorised, Event("SERVED", at("2026-05-01T20:00"))) != [], "and where both come at once"


@pytest.mark.parametrize(
    ("kind", "event", "words"),
    [
        ("NMO", Event("MADE", at("2026-05-02T10:00")), "event: it is already recorded as made, at 10:00 on Friday"),
        (
            "NMO",
            Event("SERVED", at("2026-04-30T10:00")),
            "at: served at 10:00 on Thursday 30 April 2026, before it was made at",
        ),
        ("NMO", Event("SERVED", NOW + timedelta(minutes=1)), "at: is in the future"),
        ("NMO", Event("PRODUCED", at("2026-05-02T10:00")), "event: no arrest is recorded"),
        ("NMO", Event("BREACH_RESULT", at("2026-05-02T10:00")), "event: no breach is recorded"),
        ("NMO", Event("LIFTED", at("2026-05-02T10:00")), "event: no stay is recorded"),
        ("NMO", Event("OFF_PNC", at("2026-05-02T10:00")), "event: it is not recorded as on PNC"),
        ("NMO", Event("REFUSED", at("2026-05-02T10:00")), "event: the order has been made"),
        ("NMO", Event("AUTHORISED", at("2026-05-02T10:00")), "event: AUTHORISED does not happen to a NMO"),
    ],
)
def test_what_contradicts_the_record_is_refused(kind: str, event: Event, words: str) -> None:
    held = (Event("MADE", at("2026-05-01T10:00")),)
    assert errors(kind, event, held=held)[0].startswith(words)


def test_a_hearing_to_come_can_be_listed() -> None:
    held = (Event("MADE", at("2026-05-01T10:00")),)
    assert errors("NMO", Event("RETURN_DATE", NOW + timedelta(days=9)), held=held) == []
    assert errors("NMO", Event("LISTED", NOW + timedelta(days=9)), held=held) == []


def test_it_is_put_on_pnc_once_until_it_is_taken_off() -> None:
    held = (Event("MADE", at("2026-05-01T10:00")), Event("ON_PNC", at("2026-05-02T10:00")))
    again = Event("ON_PNC", at("2026-05-04T10:00"))
    assert errors("NMO", again, held=held)[0].startswith("event: it is already on PNC")
    assert errors("NMO", again, held=(*held, Event("OFF_PNC", at("2026-05-03T10:00")))) == []


def test_an_interim_order_can_be_ended_by_a_refusal() -> None:
    held = (Event("MADE", at("2026-05-01T10:00"), until=day("2026-08-01"), until_is_date=True),)
    assert errors("ISPO", Event("REFUSED", at("2026-05-20T10:00")), held=held) == []


def test_an_spo_discharged_within_two_years_asks_for_both_consents() -> None:
    facts = OrderFacts("SPO", "X", (Event("MADE", at("2025-05-01T10:00"), until_open=True, ref="1"),))
    (caution,) = cautions(facts, [Event("DISCHARGED", at("2026-05-01T10:00"))], None, now=NOW)
    assert "until 30 April 2027" in caution.text
    assert caution.source == "Stalking Protection Act 2019 s.4"


def test_what_happens_after_the_end_is_asked_about() -> None:
    facts = OrderFacts("NMO", "X", (Event("MADE", at("2025-05-01T10:00"), ref="1"),))
    ended = at("2026-05-01T00:00")
    assert cautions(facts, [Event("SERVED", at("2026-05-03T10:00"))], ended, now=NOW)
    assert cautions(facts, [Event("OFF_PNC", at("2026-05-03T10:00"))], ended, now=NOW) == []


def test_the_last_day_for_a_renewal_is_the_stated_end() -> None:
    event = Event("MADE", at("2026-05-01T10:00"), until=day("2028-04-30"), until_is_date=True)
    reason = earliest_renewal(KINDS["SPO"], event)
    assert reason is not None
    assert "Sunday 30 April 2028" in reason.text
    assert earliest_renewal(KINDS["DVPO"], event) is None


def at_nine(hour: int, kind: str) -> Event:
    return Event(kind, at(f"2026-05-01T{hour:02}:00"))


@pytest.mark.parametrize(
    ("kind", "first", "then"),
    [
        ("DVPN", "AUTHORISED", "HEARING"),
        ("DVPN", "AUTHORISED", "REFUSED"),
        ("DVPN", "AUTHORISED", "LISTED"),
        ("DVPN", "SERVED", "BREACHED"),
        ("DVPN", "SERVED", "ARRESTED"),
        ("DVPO", "APPLIED", "REFUSED"),
        ("NMO", "MADE", "BREACHED"),
        ("NMO", "MADE", "ARRESTED"),
        ("NMO", "MADE", "ON_PNC"),
        ("SPO", "MADE", "REVIEWED"),
    ],
)
def test_what_comes_first_is_refused_after_what_comes_then_whichever_is_recorded_first(
    kind: str, first: str, then: str
) -> None:
    assert errors(kind, at_nine(9, then), held=(at_nine(10, first),))[0].endswith("; one of the two is wrong")
    assert errors(kind, at_nine(10, first), held=(at_nine(9, then),))[0].endswith("; one of the two is wrong")
    assert errors(kind, at_nine(10, then), held=(at_nine(10, first),)) == []
    if first != "MADE":
        assert errors(kind, at_nine(10, first), held=(at_nine(10, then),)) == []


@pytest.mark.parametrize(
    ("first", "then"),
    [("BREACHED", "ARRESTED"), ("ARRESTED", "PRODUCED"), ("ARRESTED", "RELEASED"), ("STAYED", "LIFTED"),
     ("ON_PNC", "OFF_PNC"), ("BREACHED", "BREACH_RESULT")],
)  # fmt: skip
def test_what_follows_something_is_refused_before_the_first_of_it_and_asked_about_where_that_comes_late(
    first: str, then: str
) -> None:
    made = at_nine(8, "MADE")
    assert errors("NMO", at_nine(9, then), held=(made, at_nine(10, first)))[0].endswith("; one of the two is wrong")
    assert errors("NMO", at_nine(11, then), held=(made, at_nine(10, first), at_nine(12, first))) == []
    late = OrderFacts("NMO", "X", (made, at_nine(9, then)))
    assert errors("NMO", at_nine(10, first), held=late.events) == [], "an earlier one may be unrecorded"
    (caution,) = cautions(late, [at_nine(10, first)], None, now=NOW)
    assert "comes before it" in caution.text


def test_an_arrest_recorded_with_a_breach_is_for_that_one() -> None:
    held = (at_nine(8, "MADE"), at_nine(9, "BREACHED"))
    (problem,) = errors("NMO", at_nine(12, "BREACHED"), at_nine(11, "ARRESTED"), held=held)
    assert problem == "at: time of arrest is before the breach; one of the two is wrong"
    assert errors("NMO", at_nine(12, "BREACHED"), at_nine(12, "ARRESTED"), held=held) == []


def test_an_order_is_made_after_the_notice_that_it_follows() -> None:
    notice = OrderFacts("DVPN", "N", (at_nine(10, "AUTHORISED"), at_nine(12, "SERVED")))
    order = OrderFacts("DVPO", "O", follows="DVPN")

    def made_at(hour: int) -> list[str]:
        event = Event("MADE", at(f"2026-05-01T{hour:02}:00"), until=day("2026-05-20"), until_is_date=True)
        return hand_errors(order, [event], NOW, followed=notice)

    assert made_at(9)[0].startswith(
        "at: made at 09:00 on Friday 1 May 2026, before the DVPN that it follows was author"
    )
    assert "before the DVPN that it follows was served at 12:00" in made_at(11)[0]
    assert made_at(12) == []
    assert hand_errors(order, [at_nine(9, "REFUSED")], NOW, followed=notice) != []
    assert hand_errors(order, [at_nine(9, "LISTED")], NOW, followed=notice) == []


def test_a_notice_or_an_interim_does_not_begin_after_it_was_determined() -> None:
    followers = (Follower("DVPO", "O", (at_nine(12, "MADE"),)),)
    for kind in ("AUTHORISED", "SERVED"):
        notice = OrderFacts("DVPN", "N", followers=followers)
        (problem,) = hand_errors(notice, [at_nine(13, kind)], NOW)
        assert "after the DVPO that follows it was made at 12:00" in problem
        assert hand_errors(notice, [at_nine(12, kind)], NOW) == []
    served_again = OrderFacts("DVPN", "N", (at_nine(10, "SERVED"),), followers)
    assert hand_errors(served_again, [at_nine(13, "SERVED")], NOW) == [], "the first service counts"
    interim = OrderFacts("ISPO", "I", followers=(Follower("SPO", "O", (at_nine(12, "MADE"),)),))
    late = Event("MADE", at("2026-05-01T13:00"), until=day("2026-05-20"), until_is_date=True)
    assert "after the SPO that follows it" in hand_errors(interim, [late], NOW)[0]


def test_a_hearing_listed_for_a_day_that_is_past_is_asked_about() -> None:
    facts = OrderFacts("DVPO", "X")
    assert "is past" in cautions(facts, [at_nine(9, "LISTED")], None, now=NOW)[0].text
    assert cautions(facts, [Event("LISTED", NOW + timedelta(days=1))], None, now=NOW) == []
