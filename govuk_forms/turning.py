"""Invisible marks that turn the direction of text round: refused in forms, taken out where text cannot be isolated."""

from __future__ import annotations

import re

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""The directional formatting characters of Unicode Standard Annex 9, section 2."""


def straight(text: str) -> str:
    """A text without them, for where nothing around it can hold it apart: a plain email, a sheet, a title."""
    return TURNING.sub("", text)
