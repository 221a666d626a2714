"""What a bundle says of fields that somebody put right by hand: kept beside what stands here, never over it."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from orders.models import PutRight, Recording

_SAID = """
    SELECT p.order_id, NULL::bigint, w.says::text, to_jsonb(s)::text, to_jsonb(o)::text
      FROM plan_order p JOIN held_word w ON w.order_id = p.order_id JOIN stage_order s ON s.line = p.line
      JOIN orders_order o ON o.id = p.order_id WHERE p.own = 'changed'
     UNION ALL
    SELECT NULL, p.person_id, w.says::text, to_jsonb(s)::text, to_jsonb(n)::text
      FROM plan_person p JOIN held_word w ON w.person_id = p.person_id JOIN stage_person s ON s.line = p.line
      JOIN orders_person n ON n.id = p.person_id WHERE p.own = 'changed'"""


def keep_put_right(recording: Recording) -> None:
    """Keep what the source now says of such fields; where it says what stands here, the matter is settled."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID)
        found = cursor.fetchall()
    for order_id, person_id, *told in found:
        says, said, stands = (json.loads(text) for text in told)
        for field, before in says.items():
            if said[field] == before:
                continue
            rows = PutRight.objects.filter(order_id=order_id, person_id=person_id, field=field)
            rows.filter(superseded__isnull=True).update(superseded=recording)
            if said[field] != stands[field]:
                PutRight.objects.create(
                    order_id=order_id,
                    person_id=person_id,
                    field=field,
                    source_says=said[field],
                    recording=recording,
                )


# Of the orders and people of the bundle, what stands here and what the source says, before the bundle is applied.
STANDING = """
    SELECT 'order', h.order_ref, o.reference, h.kind, h.force, w.says::text, to_jsonb(o)::text, to_jsonb(s)::text
      FROM held_word w JOIN orders_order o ON o.id = w.order_id JOIN held_order h ON h.order_id = o.id
      LEFT JOIN stage_order s ON s.order_ref = h.order_ref
     WHERE s.order_ref IS NOT NULL OR EXISTS (SELECT FROM same_order x WHERE x.order_ref = h.order_ref)
     UNION ALL
    SELECT 'person', h.person_ref, concat_ws(', ', upper(n.family_name), nullif(n.given_names, '')), '',
           coalesce((SELECT min(a.code) FROM orders_party t JOIN orders_order o ON o.id = t.order_id
                       JOIN orders_area a ON a.id = o.owner_force_id
                      WHERE t.person_id = n.id AND t.superseded_id IS NULL), ''),
           w.says::text, to_jsonb(n)::text, to_jsonb(s)::text
      FROM held_word w JOIN orders_person n ON n.id = w.person_id JOIN held_person h ON h.person_id = n.id
      LEFT JOIN stage_person s ON s.person_ref = h.person_ref
     WHERE s.person_ref IS NOT NULL OR EXISTS (SELECT FROM same_person x WHERE x.person_ref = h.person_ref)
     ORDER BY 1, 2 LIMIT %s"""


def words(row: Any) -> tuple[Any, ...]:
    """A row of STANDING, its JSON read; the last is None where the bundle's row was left out as the same."""
    return (*row[:5], *(None if text is None else json.loads(text) for text in row[5:]))
