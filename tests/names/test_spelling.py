"""Names as they are compared: South Asian, Polish, West African, Irish, Welsh and English ones."""

from __future__ import annotations

import pytest

from orders.people import names


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("O'Neill", "oneill"), ("O’NEILL", "oneill"), ("Wiśniewski", "wisniewski"), ("Łoś-Zięba", "los zieba"),
        ("Ní Bhriain", "ni bhriain"), ("Ọláyẹ́mí", "olayemi"), ("Siân", "sian"), ("  Al-Ḥasan ", "al hasan"), ("…", ""),
    ],
)  # fmt: skip
def test_folding(name: str, folded: str) -> None:
    assert names.fold(name) == folded


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("O'Neill", {"oneill", "neill"}), ("O Neill", {"oneill", "neill"}), ("Smith-Jones", {"smithjones", "smith", "jones"}),
        ("al-Hassan", {"alhassan", "hassan"}), ("Ní Bhriain", {"nibhriain", "bhriain"}), ("De Silva", {"desilva", "silva"}),
        ("ap Rhys", {"aprhys", "rhys"}), ("Okonkwo", {"okonkwo"}),
    ],
)  # fmt: skip
def test_tokens_of_a_family_name(name: str, tokens: set[str]) -> None:
    assert set(names.family_tokens(name)) == tokens


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("o neill sean", ["oneill", "sean"]), ("Mc Donald", ["mcdonald"]), ("van der Berg", ["vanderberg"]),
        ("smith-jones", ["smith", "jones"]), ("Ali o", ["ali", "o"]), ("al hassan", ["alhassan"]),
    ],
)  # fmt: skip
def test_particles_go_with_the_word_after_them(typed: str, words: list[str]) -> None:
    assert names.words_asked(typed) == words


@pytest.mark.parametrize(
    ("typed", "held", "cost"),
    [
        # South Asian
        ("husain", "hussain", 1), ("mohamed", "muhammad", 1), ("choudry", "chowdhury", 1), ("kahn", "khan", 1),
        ("usman", "osman", 1), ("ayesha", "aisha", 1), ("sukdev", "sukhdev", 1), ("laxmi", "lakshmi", 1),
        # Polish
        ("vishnevsky", "wisniewski", 1), ("zelinski", "zielinski", 1), ("kristof", "krzysztof", 1), ("kovalski", "kowalski", 1),
        # West African
        ("okaphor", "okafor", 1), ("tunde", "babatunde", 1), ("adeyemo", "adeyemi", 1), ("jallow", "diallo", 1),
        # Irish
        ("shivaun", "siobhan", 1), ("shaun", "sean", 1), ("obriain", "obrien", 1), ("neve", "niamh", 1),
        # Welsh
        ("reese", "rhys", 1), ("llewelyn", "llewellyn", 1), ("griffith", "gruffydd", 1), ("dai", "dafydd", 1),
        # English
        ("bob", "robert", 1), ("macdonald", "mcdonald", 1), ("smtih", "smith", 1), ("hamilto", "hamilton", 1),
        ("hamliton", "hamilton", 1), ("hamiltxnq", "hamilton", 2), ("hami", "hamilton", 2), ("smith", "smith", 0),
    ],
)  # fmt: skip
def test_what_is_near(typed: str, held: str, cost: int) -> None:
    close = names.closeness(typed, held)
    assert close is not None
    assert close.cost == cost
    if close.how != "beginning":
        assert set(names.keys_asked(typed)) & set(names.keys(held)), "it would not be found to be compared"


@pytest.mark.parametrize(
    ("typed", "held"), [("smith", "jones"), ("ali", "khan"), ("khan", "cohen"), ("adam", "ahmed"), ("ann", "sun")]
)
def test_what_is_not_near(typed: str, held: str) -> None:
    assert names.closeness(typed, held) is None
