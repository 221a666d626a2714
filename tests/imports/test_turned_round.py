"""Invisible marks that turn text round: taken out of an extract with a remark, refused by hand."""

from __future__ import annotations

import pytest
from django import forms

from govuk_forms.forms import GovukForm
from orders.imports.fields import Fields

MARKS = ("\u202e", "\u2066", "\u200f", "\u061c")


class Name(GovukForm):
    """A form that asks for a name."""

    name = forms.CharField()


@pytest.mark.parametrize("mark", MARKS)
def test_an_extract_loses_them_and_says_so(mark: str) -> None:
    fields = Fields({"family_name": 0}, [f"{mark}SPO{mark}OF"], 2)
    assert fields.text("family_name", 100, required=True) == "SPOOF"
    assert not fields.problems
    assert "turn the direction of text round" in fields.remarks[0][2]


def test_other_letters_stay() -> None:
    fields = Fields({"family_name": 0}, ["\u0645\u062d\u0645\u062f ZOË"], 2)
    assert fields.text("family_name", 100) == "\u0645\u062d\u0645\u062f ZOË"
    assert not fields.remarks


@pytest.mark.parametrize("mark", MARKS)
def test_a_form_refuses_them(mark: str) -> None:
    assert "invisible marks" in str(Name({"name": f"SP{mark}OOF"}).errors)
    assert Name({"name": "SPOOF"}).is_valid()
