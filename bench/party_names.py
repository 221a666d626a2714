"""By which names the parties of a filled register are found, as `orders/people/party_names.py` works them out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

from bench import indexes
from bench.sessions import run_file, session
from orders.people import names

CHUNK = 50_000
TABLES = ("orders_partyname", "orders_nametoken")

_NAMES = """
    SELECT 'family', family_name FROM orders_person UNION SELECT 'given', given_names FROM orders_person
    UNION SELECT 'family', alias ->> 0 FROM orders_person, jsonb_array_elements(aliases) alias
    UNION SELECT 'given', alias ->> 1 FROM orders_person, jsonb_array_elements(aliases) alias"""


def fill(orders: int, *, sessions: int) -> None:
    """Take the distinct names apart as the register does, and put the rest together from them in the database."""
    with session() as opened:
        opened.execute("DROP TABLE IF EXISTS bench_name")
        opened.execute("CREATE UNLOGGED TABLE bench_name (sort text, name text, ids int[], initials int[])")
        ids: dict[str, int] = {}
        numbers = count(1)
        taken_apart = []
        for sort, name in opened.execute(_NAMES.encode()).fetchall():
            tokens = names.family_tokens(name) if sort == "family" else names.tokens(name)
            for token in tokens:
                if token not in ids:
                    ids[token] = next(numbers)
            initials = sorted({ord(token[0]) for token in tokens})
            taken_apart.append((sort, name, [ids[token] for token in tokens], initials))
        with opened.cursor() as cursor:
            with cursor.copy("COPY orders_nametoken (id, token, keys) FROM STDIN") as copy:
                for token, pk in ids.items():
                    copy.write_row((pk, token, list(names.keys(token))))
            with cursor.copy("COPY bench_name FROM STDIN") as copy:
                for row in taken_apart:
                    copy.write_row(row)
        opened.execute("CREATE UNIQUE INDEX ON bench_name (sort, name) INCLUDE (ids, initials)")
        opened.execute("ANALYZE bench_name")
        opened.execute("SELECT setval(pg_get_serial_sequence('orders_nametoken', 'id'), max(id)) FROM orders_nametoken")
        taken = indexes.take_off(opened, ("orders_partyname",))

    def chunks(share: int) -> None:
        with session() as opened:
            opened.execute(
                "SET session_replication_role = replica; SET synchronous_commit = off; SET jit = off;"
                "SET work_mem = '48MB'; SET max_parallel_workers_per_gather = 0"
            )
            for number, first in enumerate(range(1, orders + 1, CHUNK)):
                if number % sessions == share:
                    run_file(opened, "party_names", {"first": first, "last": min(first + CHUNK - 1, orders)})

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(chunks, range(sessions)))
    indexes.put_on(taken, sessions=sessions)
    with session() as opened:
        opened.execute("DROP TABLE bench_name")
    indexes.tidy(TABLES, sessions=sessions)
