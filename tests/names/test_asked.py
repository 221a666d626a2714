"""What is typed in the one box, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from orders.search.asked import Born, PersonAsked, understand

TODAY = date(2026, 11, 24)
JUNE_23 = Born((1986,), 6, 23)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Hussain 23 6 1986", PersonAsked("Hussain", JUNE_23)), ("23/6/86 hussain ali", PersonAsked("hussain ali", JUNE_23)),
        ("Ali 23rd June 1986", PersonAsked("Ali", JUNE_23)), ("June 23, 1986 Ali", PersonAsked("Ali", JUNE_23)),
        ("1986-06-23", PersonAsked(born=JUNE_23)), ("23061986 X'y", PersonAsked("X'y", JUNE_23)), ("6/23/1986", PersonAsked(born=JUNE_23)),
        ("Hussain, or Husain, born June 86", PersonAsked("Hussain or Husain", Born((1986,), 6))),
        ("Nowak 06/1986", PersonAsked("Nowak", Born((1986,), 6))), ("Nowak 1986", PersonAsked("Nowak", Born((1986,)))),
        ("born 86", PersonAsked(born=Born((1986,)))), ("June Smith", PersonAsked("June Smith")),
        ("Rhys aged 40", PersonAsked("Rhys", Born((1985, 1986)))),
        ("Rhys aged about 40", PersonAsked("Rhys", Born((1983, 1984, 1985, 1986, 1987, 1988)))),
        ("03/62845e", PersonAsked(pnc_id="2003/0062845E")), ("2003/0062845E Ali", PersonAsked("Ali", pnc_id="2003/0062845E")),
        ("DVPN/2024/0101", PersonAsked(number="DVPN20240101")), ("dvpo 2026 0412", PersonAsked(number="DVPO20260412")),
        ("24-12345", PersonAsked(number="2412345")), ("CR000123", PersonAsked(number="CR000123")),
        ("b128qt", PersonAsked(postcode="B12 8QT")), ("Khan B12 8QT", PersonAsked("Khan", postcode="B12 8QT")),
        ("Khan ws1", PersonAsked("Khan", outward="WS1")), ("Mr. John O’Neill", PersonAsked("John O’Neill")),
    ],
)  # fmt: skip
def test_what_is_understood(typed: str, asked: PersonAsked) -> None:
    found = understand(typed, TODAY)
    assert (found.person, found.problems) == (asked, ())


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ("x" * 10_000, "name", "longer than 200"), ("100%", "name", "“%”"), ("a_b", "name", "“_”"), ('say "hi"', "name", "“\"”"),
        ("a\0b", "name", "cannot be seen"), ("Ali\u200f", "name", "cannot be seen"), ("a\u202eb", "name", "cannot be seen"),
        ("...", "name", "no letter"), ("31/2/1986 Ali", "date of birth", "no date of the calendar"), ("30/13/1986", "date of birth", "no date"),
        ("Ali 2/6/1886", "date of birth", "before 1900"), ("aged about 400", "date of birth", "no age"), ("2003/0062845F", "PNC ID", "check letter"),
        ("a b c d e f g h i", "name", "more than 8 words"), ("A", "name", "one letter"), ("a;drop table\\", "name", "“\\”"),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_field_and_asks_nothing(typed: str, field: str, words: str) -> None:
    found = understand(typed, TODAY)
    assert not found.person
    (problem,) = found.problems
    assert problem.field == field
    assert words in problem.message


def test_nothing_typed_is_nothing_asked() -> None:
    assert not understand("  ", TODAY).person
    assert understand("  ", TODAY).problems == ()
