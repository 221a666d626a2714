"""A Lucene-class index over the same register, in the same process: tantivy. What names are compared with.

It holds of each order the words of its people's names and the areas in which it is found now; no other instant, no
permission, no sound and no nickname.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import tantivy

from orders.people import names

_DOCUMENTS = """
    SELECT t.order_id, array_agg(p.family_name || ' ' || p.given_names),
           array_agg(p.aliases) FILTER (WHERE p.aliases <> '[]'),
           (SELECT array_agg(l.area_id) FROM orders_place l
             WHERE l.order_id = t.order_id AND l.valid_from <= %(at)s AND l.valid_until > %(at)s
               AND l.roles_shown & 3 > 0)
      FROM orders_party t JOIN orders_person p ON p.id = t.person_id
     WHERE t.order_id BETWEEN %(first)s AND %(last)s AND t.superseded_id IS NULL
     GROUP BY t.order_id"""

_CHUNK = 50_000


class Lucene:
    """The index, in memory."""

    def __init__(self, opened: psycopg.Connection[Any], at: datetime, last: int) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("order", stored=True)
        builder.add_text_field("name", stored=False, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("area", stored=False, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=256_000_000, num_threads=1)
        for first in range(1, last + 1, _CHUNK):
            for order_id, words, areas in _documents(opened, at, first, min(last, first + _CHUNK - 1)):
                document = tantivy.Document()
                document.add_unsigned("order", order_id)
                for word in words:
                    document.add_text("name", word)
                for area in areas:
                    document.add_text("area", str(area))
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, typed: str, area: int, limit: int) -> list[int]:
        """Orders in an area with a name at most one letter away from each word typed, as they are ranked there."""
        must = tantivy.Occur.Must
        words = [
            (must, tantivy.Query.fuzzy_term_query(self._schema, "name", word, distance=1))
            for word in names.words_asked(typed)
        ]
        query = tantivy.Query.boolean_query([*words, (must, tantivy.Query.term_query(self._schema, "area", str(area)))])
        found = self._searcher.search(query, limit)
        return [self._searcher.doc(address)["order"][0] for _, address in found.hits]


def _documents(
    opened: psycopg.Connection[Any], at: datetime, first: int, last: int
) -> Iterator[tuple[int, set[str], list[int]]]:
    values = {"at": at, "first": first, "last": last}
    with psycopg.ClientCursor(opened) as cursor:
        cursor.execute(_DOCUMENTS.encode(), values)
        for order_id, called, aliases, areas in cursor:
            words = {token for name in called for token in names.tokens(name)}
            for alias in (one for held in aliases or () for one in held):
                words.update(token for part in alias for token in names.tokens(part))
            yield order_id, words, areas or []
