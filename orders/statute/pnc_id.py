"""The check letter of a PNC ID."""

from __future__ import annotations

import re

_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_PATTERN = re.compile(r"(\d{4})/(\d{7})([A-Z])")


def check_letter(year: int, serial: int) -> str:
    """The letter that follows the serial number: the remainder of year and serial, read as one number, by 23."""
    return _LETTERS[int(f"{year % 100:02}{serial:07}") % 23]


def valid_pnc_id(text: str) -> bool:
    """Whether a PNC ID in its long form, 2003/0062845E, has the letter that its number requires."""
    match = _PATTERN.fullmatch(text)
    return match is not None and check_letter(int(match[1]), int(match[2])) == match[3]
