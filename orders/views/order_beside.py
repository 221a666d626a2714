"""What an order's page says besides that stands in single rows of other tables, each found by its key.

One statement reads all of them: asked for one by one they take as many journeys, and Django longer to write each
statement than the database to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from orders.models import LegalCard, Order, Place, PlaceAsKnown, User
from orders.views.history import Then

_CARD = [field.attname for field in LegalCard._meta.concrete_fields]

_READ = """
    SELECT EXISTS (SELECT FROM orders_staleorder WHERE order_id = %(order)s),
           (SELECT name FROM orders_area WHERE id = %(owner)s),
           (SELECT recorded_at FROM orders_recording WHERE id = %(recording)s),
           (SELECT max(extracted_at) FROM orders_importrun
             WHERE source = %(source)s AND started_at <= coalesce(%(known_at)s, now())),
           (SELECT name FROM orders_area home
             WHERE id = %(home)s
               AND NOT EXISTS (SELECT FROM {places} p
                                WHERE p.order_id = %(order)s AND p.area_id = home.id AND p.roles > 0
                                  AND p.valid_from <= %(at)s AND p.valid_until > %(at)s{known})),
           {card}
      FROM (SELECT) one LEFT JOIN orders_legalcard card ON card.kind = %(kind)s"""
_READ = _READ.replace("{card}", ", ".join(f"card.{name}" for name in _CARD))
_NOW = _READ.format(places=Place._meta.db_table, known="")
_THEN = _READ.format(
    places=PlaceAsKnown._meta.db_table,
    known=" AND p.known_from <= %(known_at)s AND p.known_until > %(known_at)s",
)


@dataclass(frozen=True, slots=True)
class Beside:
    """`is_stale`: reference data changed, and it is being worked out again. `outside`: the area of the reader in which
    nobody of the order lives, blank where somebody does. `last_extract` of its source; `card` of its kind.
    """

    is_stale: bool
    owner: str
    recorded_at: datetime
    last_extract: datetime | None
    outside: str
    card: LegalCard | None


def beside(order: Order, kind: str, user: User, then: Then) -> Beside:
    """What belongs to an order as it is shown at an instant, from what had been recorded by another; `kind` as then."""
    values: dict[str, Any] = {
        "order": order.pk,
        "owner": order.owner_force_id,
        "recording": order.recording_id,
        "source": order.source,
        "home": user.home_area_id or user.force_id,
        "kind": kind,
        "at": then.at,
        "known_at": then.known_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOW if then.known_at is None else _THEN, values)
        ((is_stale, owner, recorded_at, extracted_at, outside, *card),) = cursor.fetchall()
    held = None if card[0] is None else LegalCard.from_db(connection.alias, _CARD, card)
    return Beside(is_stale, owner, recorded_at, extracted_at, outside or "", held)
