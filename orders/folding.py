"""Names as they are compared: without accents, case and punctuation."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """A name without accents, case and punctuation: O'Neill and oneill are one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum() or letter == " ").strip()
