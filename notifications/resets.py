"""Telling the owner of an account that an administrator took its second factor away.

It goes to the owner's address if that may be told, else to data protection.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from notifications import notices
from orders.models import FactorReset
from orders.statute import LONDON

TEXT = """{marking}

The second factor of an account of the civil orders register was taken away by an administrator.

Account:  {whose}
When:     {when}
By:       {who}

All sessions of the account have ended. Whoever signs in next with its password adds a new second factor.

If the owner did not ask for this, tell your information security team at once: somebody may be about to sign in in
their name.

{url}

{marking}
"""


def tell(now: datetime) -> int:
    """Tell of what nobody has been told of yet. Returns how many messages a server took."""
    return notices.tell(now, _NOTICE)


def _message(reset: FactorReset, address: str) -> bytes:
    text = TEXT.format(
        marking=settings.PROTECTIVE_MARKING,
        whose=f"{reset.user} ({reset.user.username})",
        when=f"{reset.at.astimezone(LONDON):%d %B %Y, %H:%M}",
        who=reset.entry.user_name,
        url=settings.BASE_URL,
    )
    return notices.written("a second factor was taken away", text, address=address, identity=f"reset.{reset.pk}")


_NOTICE = notices.Notice(
    rows=FactorReset,
    name="reset",
    with_it=("user", "entry"),
    addresses=lambda reset: (reset.user.email, settings.DATA_PROTECTION_EMAIL),
    message=_message,
    nobody="Neither the owner's address nor DATA_PROTECTION_EMAIL is in a domain of DIGEST_DOMAINS.",
)
