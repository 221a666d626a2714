"""Two others who look for a name on the same register: tantivy in this process, and trigrams over joins."""

from __future__ import annotations

from typing import Any

import psycopg
import tantivy
from anyascii import anyascii

PAGE = 25

_PEOPLE = """
    SELECT t.order_id, p.given_names || ' ' || p.family_name || ' ' || p.aliases::text, p.date_of_birth::text,
           (SELECT string_agg(DISTINCT l.area_id::text, ' ') FROM orders_place l JOIN orders_area a ON a.id = l.area_id
             WHERE l.order_id = t.order_id AND a.level <> 'neighbourhood')
      FROM orders_party t JOIN orders_person p ON p.id = t.person_id"""


class Tantivy:
    """An index in memory of all parties: words of names, day of birth, and the areas of the order."""

    def __init__(self, opened: psycopg.Connection[Any]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("order_id", stored=True)
        builder.add_text_field("name", tokenizer_name="default", index_option="basic")
        builder.add_text_field("born", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("area", tokenizer_name="whitespace", index_option="basic")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=200_000_000, num_threads=1)
        with opened.transaction(), opened.cursor("people") as cursor:
            cursor.itersize = 20_000
            cursor.execute(_PEOPLE.encode())
            for order_id, name, born, areas in cursor:
                writer.add_document(
                    tantivy.Document(order_id=order_id, name=anyascii(name), born=born or "", area=areas or "")
                )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, words: str, born: str | None, area_id: int, distance: int) -> list[int]:
        """A page of order ids: every word within so many edits, in the area; the day of birth lifts what has it."""
        query = tantivy.Query
        parts = [(tantivy.Occur.Must, query.term_query(self._schema, "area", str(area_id)))]
        spelt = anyascii(words).lower().replace("-", " ").replace("'", " ").split()
        near = [query.fuzzy_term_query(self._schema, "name", word, distance, True, False) for word in spelt]
        parts += [(tantivy.Occur.Must, one) for one in near]
        if born:
            day = query.boost_query(query.term_query(self._schema, "born", born), 10.0)
            parts.append((tantivy.Occur.Should, day))
        found = self._searcher.search(query.boolean_query(parts), PAGE, count=True)
        return [int(self._searcher.doc(address)["order_id"][0]) for _, address in found.hits]


def prepare_trigrams(opened: psycopg.Connection[Any]) -> None:
    """The extension and the index that an application over PostgreSQL would usually add."""
    opened.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    opened.execute("SET maintenance_work_mem = '512MB'")
    opened.execute(
        "CREATE INDEX IF NOT EXISTS bench_trigrams ON orders_person"
        " USING gin ((given_names || ' ' || family_name) gin_trgm_ops)"
    )


_TRIGRAMS = """
    SELECT t.order_id, max(similarity(p.given_names || ' ' || p.family_name, %(words)s)) AS near,
           bool_or(p.date_of_birth = %(born)s::date) AS same_day
      FROM orders_person p JOIN orders_party t ON t.person_id = p.id
     WHERE (p.given_names || ' ' || p.family_name) %% %(words)s
       AND EXISTS (SELECT FROM orders_place l WHERE l.order_id = t.order_id AND l.area_id = %(area)s
                      AND l.valid_from <= now() AND l.valid_until > now())
     GROUP BY t.order_id ORDER BY same_day DESC NULLS LAST, near DESC LIMIT 25"""


def by_trigrams(opened: psycopg.Connection[Any], words: str, born: str | None, area_id: int) -> list[int]:
    """A page of order ids by similarity of the whole name, people joined to their orders in the area."""
    with psycopg.ClientCursor(opened) as cursor:
        cursor.execute(_TRIGRAMS.encode(), {"words": words, "born": born, "area": area_id})
        return [row[0] for row in cursor.fetchall()]
