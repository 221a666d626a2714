"""Seals over the log: whatever is done to it behind the register's back shows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from orders.access import audit
from orders.models import AuditEntry, AuditSeal, Category
from orders.oversight import seals
from ordersite.database_roles import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def write(number: int) -> None:
    for _ in range(number):
        audit.record(
            by=None, category=Category.CONSULTATION, action="look", orders=[7], chosen="why", address="10.0.0.1"
        )


def behind_the_back(statement: str) -> None:
    """What somebody could do who has the database in hand: the owner, with the triggers off."""
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)


def seal(number: int) -> None:
    """Seal so many entries: as soon as no transaction of another database on the server, begun before, is left."""
    found, tries = 0, 0
    while found < number and tries < 2_400:
        found, tries = found + seals.seal(), tries + 1
        time.sleep(0.1 if found < number else 0)
    assert found == number


@pytest.fixture
def sealed() -> None:
    """Three seals over nine entries, and two entries after them."""
    for _ in range(3):
        write(3)
        seal(3)
    write(2)


def test_a_log_that_nobody_touched_verifies(sealed: None) -> None:
    assert list(seals.verify()) == []
    assert seals.unsealed() == 2
    seal(2)
    assert seals.seal() == 0
    assert seals.unsealed() == 0
    assert AuditSeal.objects.count() >= 4
    call_command("verify_audit")


TAMPERED = {
    "removed": "DELETE FROM orders_auditentry WHERE id = (SELECT min(id) + 4 FROM orders_auditentry)",
    "altered": "UPDATE orders_auditentry SET reason = 'other' WHERE id = (SELECT min(id) + 4 FROM orders_auditentry)",
    "another time": "UPDATE orders_auditentry SET at = at - interval '1 microsecond' WHERE id = (SELECT min(id) FROM orders_auditentry)",
    "another person": "UPDATE orders_auditentry SET user_name = 'x' WHERE id = (SELECT min(id) FROM orders_auditentry)",
    "other orders": "UPDATE orders_auditentry SET orders = '{8}' WHERE id = (SELECT min(id) FROM orders_auditentry)",
    "slipped in": (
        "INSERT INTO orders_auditentry (id, at, category, action, user_name, orders, recipients, reason, detail, xid) "
        "SELECT 0, at, category, action, user_name, orders, recipients, reason, detail, xid FROM orders_auditentry "
        "WHERE id = (SELECT min(id) FROM orders_auditentry)"
    ),
    "hidden": "UPDATE orders_auditentry SET xid = xid + 1000000 WHERE id = (SELECT min(id) + 4 FROM orders_auditentry)",
    "a seal removed": "DELETE FROM orders_auditseal WHERE id = (SELECT min(id) + 1 FROM orders_auditseal)",
    "a seal altered": "UPDATE orders_auditseal SET count = 2 WHERE id = (SELECT min(id) FROM orders_auditseal)",
    "a mac altered": "UPDATE orders_auditseal SET mac = 'x' WHERE id = (SELECT min(id) FROM orders_auditseal)",
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_to_it_shows(sealed: None, name: str) -> None:
    behind_the_back(TAMPERED[name])
    assert list(seals.verify())
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_audit")
    assert stopped.value.code == 1


def test_a_whole_chain_made_again_without_the_key_does_not_hold(sealed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    behind_the_back("UPDATE orders_auditentry SET reason = 'other' WHERE id = (SELECT min(id) FROM orders_auditentry)")
    behind_the_back("DELETE FROM orders_auditseal")
    with monkeypatch.context() as patched:
        patched.setattr(seals, "sign", lambda one, digest: "forged")
        seal(11)
    assert "not made by the register" in next(seals.verify()).words


def test_what_commits_late_is_sealed_later_and_never_left_out(transactional_db: None) -> None:
    late = connection.copy()
    try:
        late.set_autocommit(False)
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO orders_auditentry (category, action, user_name, orders, recipients, reason, detail) "
                "VALUES ('erasure', 'late', '', '{}', '{}', '', '{}')"
            )
        write(2)
        # The two committed after the late one began, so that they wait with it.
        assert seals.seal() == 0
        late.commit()
    finally:
        late.close()
    seal(3)
    assert list(seals.verify()) == []


def test_a_database_on_another_server_begins_a_new_chain(sealed: None) -> None:
    behind_the_back("UPDATE orders_auditentry SET xid = xid + 4000000000")
    behind_the_back("DELETE FROM orders_auditseal")
    AuditSeal.objects.all()
    entries = AuditEntry.objects.order_by("pk")
    first = AuditSeal(chain=1, after_id=0, last_id=entries.last().pk, from_xid=0, until_xid=entries.last().xid + 1)  # type: ignore[union-attr]
    digest, first.count = seals._digest(first, "")
    first.digest, first.mac = digest, seals.sign(first, digest)
    first.save()
    assert list(seals.verify()) == []
    write(3)
    seal(3)
    assert AuditSeal.objects.last().chain == 2  # type: ignore[union-attr]
    assert list(seals.verify()) == []
    assert seals.unsealed() == 0


def test_seals_are_only_added_to(sealed: None, django_assert_num_queries: Callable[[int], object]) -> None:
    for change in (lambda: AuditSeal.objects.all().delete(), lambda: AuditSeal.objects.update(count=1)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
