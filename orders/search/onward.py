"""Where an answer goes on: after the last order that was shown, and no other, however far on that is.

A page number is counted from the beginning, so each costs more than the one before; this costs the same everywhere. It
stands in an address, sealed together with the question and the reader, so that with any other it says nothing, and to
nobody when an order ends that is restricted (AES-SIV, RFC 5297).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac

from orders.models import User
from orders.querysets import STANDINGS
from orders.search import by_area
from orders.search.by_area import Question

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """The last order shown: its standing then, the instant (UTC) by which that lists it, and how many came up to it."""

    number: int
    standing: str
    key: datetime
    order_id: int


class NotOfThisSearch(Exception):
    """What stands in the address was not written for this question and reader, or was altered since."""


def reached(question: Question, user: User, shown: Sequence[int], *, number: int) -> Reached | None:
    """How far an answer was shown, `number` being how many orders that is; None where nothing shown is in it.

    An order that has left the answer meanwhile does not say where it was; the one before it does.
    """
    listed = by_area.rows(question, user).filter(order_id__in=shown).listed(question.at)
    for back, order_id in enumerate(reversed(shown)):
        standing, key = listed.get(order_id, ("", None))
        if key is not None and standing in by_area.wanted(question):
            return Reached(number - back, standing, key, order_id)
    return None


def page(question: Question, user: User, after: Reached, *, limit: int, counted: dict[str, int]) -> list[int]:
    """The ids of the orders that follow, each found where it is now. `counted` is the answer of `counts`."""
    wanted = by_area.wanted(question)
    rows = by_area.rows(question, user).after(after.standing, after.key, after.order_id)
    found = rows.order_ids(after.standing, question.at, start=0, stop=limit, is_now=by_area.is_now(question))
    later = tuple(wanted[wanted.index(after.standing) + 1 :])
    if later and len(found) < limit:
        rest = question.of_standings(later)
        found += by_area.page(rest, user, offset=0, limit=limit - len(found), counted=counted)
    return found


def written(after: Reached, question: Question, user: User, *, at: datetime | None) -> str:
    """For an address. `at` is the instant that the address asks about, None if that is whenever it is opened."""
    key = (after.key - _EPOCH) // _MICROSECOND
    value = [after.number, STANDINGS.index(after.standing), key, after.order_id]
    return base64.urlsafe_b64encode(_cipher().encrypt(json.dumps(value).encode(), _asked(question, user, at))).decode()


def read(text: str, question: Question, user: User, *, at: datetime | None) -> Reached:
    """What was `written` for this question, reader and instant. Raises NotOfThisSearch for anything else."""
    try:
        sealed = base64.b64decode(text, altchars=b"-_", validate=True)
        number, standing, key, order_id = json.loads(_cipher().decrypt(sealed, _asked(question, user, at)))
    except (ValueError, InvalidTag) as problem:
        raise NotOfThisSearch from problem
    return Reached(number, STANDINGS[standing], _EPOCH + key * _MICROSECOND, order_id)


def _cipher() -> AESSIV:
    return AESSIV(salted_hmac("orders.search.onward", "key", algorithm="sha512").digest())


def _asked(question: Question, user: User, at: datetime | None) -> list[bytes]:
    """Everything that is asked, whatever a question comes to have: sealed together with, and never in the address."""
    asked: list[Any] = [getattr(question, field.name) for field in fields(Question) if field.name not in ("area", "at")]
    return [repr([user.pk, question.area.pk, at, *asked]).encode()]
