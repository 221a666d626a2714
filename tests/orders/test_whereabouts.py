"""The area that somebody names beside whom they look for."""

from __future__ import annotations

import pytest

from orders.search.whereabouts import place_said

AREAS = [
    ("W", "Walsall"), ("B", "Birmingham"), ("B53", "Sparkbrook & Balsall Heath East"), ("B54", "Balsall Heath West"),
    ("C1", "Holbrook"), ("C2", "Holbrook"), ("S", "St Matthew's"), ("N", "Nechells"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "left", "code"),
    [
        ("Hussain, or Husain, born June 86, somewhere in Sparkbrook", "Hussain, or Husain, born June 86", "B53"),
        ("hussain in walsall", "hussain", "W"),
        ("Khan, lives in Balsall Heath West.", "Khan", "B54"),
        ("Khan 1986 living near st matthews", "Khan 1986", "S"),
        ("Khan from Birmingham", "Khan", "B"),
        ("Khan, Sparkbrook and Balsall Heath East", None, None),  # nothing says that it is a place
        ("Preston Walsall", None, None),
        ("Khan in Holbrook", None, None),  # two areas have the name
        ("Khan in Atlantis", None, None),
        ("in Walsall", None, None),  # nobody is looked for
        ("Khan in", None, None),
        ("", None, None),
    ],
)
def test_a_place_is_read_after_a_word_that_says_so(typed: str, left: str | None, code: str | None) -> None:
    assert place_said(typed, lambda: AREAS) == (None if code is None else (left, code))
