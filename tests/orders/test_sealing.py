"""What describes people lies sealed in the database, opens in batches, and is gone when its key is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.access import keeping_keys, keyring, sealing
from orders.actions.by_hand import record_event, retract_event, settle_residence
from orders.imports.loader import load
from orders.models import Condition, Event, Order, Party, Postcode, Residence, SealingKey
from orders.people.homes import homes
from orders.places import locating
from orders.record.standing_check import differences
from orders.statute import Event as StatuteEvent
from tests.as_application import owner
from tests.imports.bundles import sample
from tests.orders.build import Map, local, make_map, make_nmo, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def everything(*tables: str) -> str:
    """All that some tables hold, as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            found.append(cursor.fetchone()[0])
    return " ".join(found)


TABLES = ("orders_residence", "orders_event", "orders_condition", "orders_party", "orders_order")


class TestKeys:
    """A key is made once, wrapped by one outside the database, and says which."""

    def test_the_same_words_of_one_person_give_the_same_token_and_of_another_not(self) -> None:
        one, two = make_person("A"), make_person("B")
        key = sealing.of_person(one.pk)
        assert key.seal("12 Example Road") == sealing.of_person(one.pk).seal("12 Example Road")
        assert key.seal("12 Example Road") != sealing.of_person(two.pk).seal("12 Example Road")
        assert key.seal("") == ""
        assert sealing.unseal([key.seal("é 👩‍👧"), "", "plain"]) == ["é 👩‍👧", "", "plain"]
        assert SealingKey.objects.filter(person=one).count() == 1

    def test_many_words_of_many_people_are_opened_in_one_query(self) -> None:
        people = [make_person(f"P{number}") for number in range(30)]
        keys = sealing.of_people(person.pk for person in people)
        tokens = [keys[person.pk].seal(f"word {number} of {person}") for person in people for number in range(3)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert sealing.unseal(tokens)[4] == "word 1 of P1"
        assert len(asked) == 1
        with CaptureQueriesContext(connection) as asked:
            assert sealing.unseal(["", "plain"]) == ["", "plain"]
        assert len(asked) == 0

    def test_the_wrapped_key_is_not_the_key_and_belongs_to_its_row(self) -> None:
        one, two = make_person("A"), make_person("B")
        token = sealing.of_person(one.pk).seal("secret")
        sealing.of_person(two.pk)
        first = SealingKey.objects.get(person=one)
        SealingKey.objects.filter(person=two).update(wrapped=first.wrapped)
        with pytest.raises(keyring.KeyringError, match="is damaged"):
            sealing.of_person(two.pk)
        assert sealing.unseal([token]) == ["secret"]

    def test_a_destroyed_key_opens_nothing_and_seals_nothing(self) -> None:
        person = make_person("A")
        token = sealing.of_person(person.pk).seal("secret")
        SealingKey.objects.filter(person=person).update(wrapped=None, destroyed_at=timezone.now())
        assert sealing.unseal([token]) == [sealing.ERASED]
        with pytest.raises(sealing.ErasedKeyError):
            sealing.of_person(person.pk)
        assert sealing.erased_people([person.pk, 0]) == {person.pk}

    def test_changed_words_are_not_shown_as_if_they_were_right(self) -> None:
        token = sealing.of_person(make_person("A").pk).seal("12 Example Road")
        damaged = token[:-3] + ("AAA" if not token.endswith("AAA") else "BBB")
        assert sealing.unseal([damaged]) == [sealing.DAMAGED]

    def test_a_file_is_sealed_too(self) -> None:
        (key,) = sealing.for_letters([[3, 1, 3]])
        assert SealingKey.objects.get(pk=key.id).tells_of == [1, 3]
        sealed = key.seal_bytes(b"\x00 bytes")
        assert b"bytes" not in sealed
        assert sealing.unseal_bytes(sealed) == b"\x00 bytes"
        assert sealing.key_of(key.seal("words")).id == key.id
        SealingKey.objects.filter(pk=key.id).update(wrapped=None, destroyed_at=timezone.now())
        assert sealing.unseal_bytes(sealed) is None


class TestWhatIsStored:
    """No word of a person lies open in a table."""

    def test_what_is_entered_is_sealed_and_shown(self, areas: Map) -> None:
        victim = make_person("VICTIM")
        settle_residence(
            victim, from_on=date(2020, 1, 1), address="77 Hidden Street", postcode="cv9 9zz", secret=False, by=None
        )
        order = make_nmo(areas.force, make_person("R"), victim)
        event = record_event(
            order, StatuteEvent("BREACHED", local("2026-04-01T10:00"), text="Stood in the garden", by="44/999"), by=None
        )
        retract_event(event, by=None, reason="Another garden")
        held = everything(*TABLES)
        for words in ("Hidden", "CV9", "garden", "44/999"):
            assert words not in held, words
        (home,) = homes({victim.pk: False}, sees_secret=False)[victim.pk]
        assert (home.address, home.postcode) == ("77 Hidden Street", "CV9 9ZZ")
        told = sealing.unsealed(Event.objects.filter(order=order).order_by("pk"), "text", "by_whom")
        assert [(one.text, one.by_whom) for one in told[1:]] == [
            ("Stood in the garden", "44/999"),
            ("Another garden", ""),
        ]

    def test_what_is_imported_is_sealed_and_the_same_again_changes_nothing(self, areas: Map, tmp_path: Path) -> None:
        draft = sample()
        words = {row["address"] for row in draft.tables["addresses.csv"]}
        words |= {row["text"] for row in draft.tables["conditions.csv"]}
        assert load(draft.write(tmp_path / "one"), commit=True).committed
        held = everything(*TABLES)
        assert not [word for word in words if word and word in held]
        opened = {one.address for one in sealing.unsealed(Residence.objects.all(), "address")}
        opened |= {one.text for one in sealing.unsealed(Condition.objects.all(), "text")}
        assert opened == words
        assert not SealingKey.objects.exclude(order__isnull=False).exclude(person__isnull=False).exists()
        again = load(
            draft.change("orders.csv", {"order_ref": "CN-100001"}, team="Another").write(tmp_path / "two"), commit=True
        )
        assert (again.orders.new, again.orders.changed) == (0, 1)
        assert not Event.objects.filter(kind="RETRACTED", retracts__isnull=False).exists()
        assert not Residence.objects.filter(superseded__isnull=False).exists()

    def test_a_dry_run_leaves_no_key(self, areas: Map, tmp_path: Path) -> None:
        load(sample().write(tmp_path), commit=False)
        assert SealingKey.objects.count() == 0

    def test_the_database_still_refuses_to_change_a_sealed_fact(self, areas: Map) -> None:
        person = make_person("A", (areas.palfrey, "2020-01-01", None))
        home = Residence.objects.get(person=person)
        for changes in ({"address": "elsewhere"}, {"postcode": "elsewhere"}, {"secret": True}):
            with pytest.raises(DatabaseError, match=r"Cannot update|permission denied"), transaction.atomic():
                Residence.objects.filter(pk=home.pk).update(**changes)
        assert Residence.objects.filter(pk=home.pk).update(found_in=areas.pleck) == 1


class TestPostcodes:
    """Homes are found and placed by postcodes that nobody can read in the database."""

    def test_a_home_is_found_by_postcode_and_district_however_typed(self) -> None:
        person = make_person("A")
        settle_residence(person, from_on=date(2020, 1, 1), postcode="ws1 1aa", by=None)
        home = Residence.objects.get()
        assert home.postcode_index == sealing.postcode_index(" WS11AA ") != sealing.postcode_index("WS1 1AB")
        assert home.outward_index == sealing.outward_index("WS1 9ZZ") != sealing.outward_index("WS2 1AA")
        assert sealing.postcode_index("") == sealing.outward_index("WS1") == ""

    def test_when_the_postcode_table_changes_homes_move_and_until_then_the_check_says_so(self, areas: Map) -> None:
        Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.pleck)
        person = make_person("A")
        settle_residence(person, from_on=date(2020, 1, 1), postcode="WS1 1AA", secret=False, by=None)
        order = make_nmo(areas.force, person, make_person("B"))
        assert Residence.objects.get().found_in == areas.pleck
        assert not list(differences())
        Postcode.objects.update(neighbourhood=areas.palfrey)
        assert [found.order_id for found in differences()] == [order.pk]
        assert Residence.objects.get().found_in == areas.pleck, "the check changed something"
        call_command("rebuild_standing", stdout=StringIO())
        assert Residence.objects.get().found_in == areas.palfrey
        assert not list(differences())


def entry(name: str, number: int) -> str:
    return f"{name}:{base64.b64encode(bytes([number] * 32)).decode()}"


class TestRotation:
    """A new key is put first, everything is wrapped by it, and the old one opens nothing."""

    @pytest.fixture
    def keys(self, settings: Any) -> Iterator[Any]:
        settings.FIELD_KEYS = [entry("old", 7), entry("index", 8)]
        return settings

    def test_it_rewraps_every_key_and_needs_the_old_one_to_do_it(self, keys: Any, capsys: Any) -> None:
        person = make_person("A")
        settle_residence(person, from_on=date(2020, 1, 1), postcode="WS1 1AA", by=None)
        token = Residence.objects.get().postcode
        keys.FIELD_KEYS = [entry("new", 9), entry("index", 8)]
        with pytest.raises(CommandError, match="lacks the key 'old'"):
            call_command("rotate_field_keys")
        assert run_checks(databases=["default"])[0].id == "orders.E001"
        keys.FIELD_KEYS = [entry("new", 9), entry("old", 7), entry("index", 8)]
        assert sealing.unseal([token]) == ["WS1 1AA"]
        call_command("rotate_field_keys")
        assert capsys.readouterr().out == "1 keys wrapped by new.\n0 texts that users typed sealed by it.\n"
        keys.FIELD_KEYS = [entry("new", 9), entry("index", 8)]
        assert sealing.unseal([token]) == ["WS1 1AA"]
        assert keeping_keys.wrapped_by_others() == 0
        assert not run_checks(databases=["default"])

    def test_after_another_key_of_look_ups_postcodes_are_found_again(self, keys: Any) -> None:
        settle_residence(make_person("A"), from_on=date(2020, 1, 1), postcode="WS1 1AA", by=None)
        keys.FIELD_KEYS = [entry("old", 7), entry("index", 10)]
        assert not Residence.objects.filter(postcode_index=sealing.postcode_index("WS1 1AA")).exists()
        call_command("rotate_field_keys", "--index")
        assert Residence.objects.filter(postcode_index=sealing.postcode_index("WS1 1AA")).exists()
        assert locating.index_again() == 0

    @pytest.mark.parametrize(
        ("entries", "said"),
        [
            (["one"], "not 32 bytes"),
            ([entry("one", 1)], "needs a key named `index`"),
            ([entry("index", 1)], "and at least one other"),
            ([entry("one", 1), entry("one", 2), entry("index", 3)], "two keys named 'one'"),
            ([entry("one", 1), entry("index", 1)], "have the same key"),
            ([entry("One!", 1), entry("index", 2)], "has no name"),
        ],
    )
    def test_a_keyring_that_cannot_be_used_says_why_and_shows_no_key(self, entries: list[str], said: str) -> None:
        with pytest.raises(keyring.KeyringError, match=said) as told:
            keyring.read(entries)
        assert not any(one.partition(":")[2] and one.partition(":")[2] in str(told.value) for one in entries)

    def test_the_key_does_not_show_in_what_a_developer_prints(self) -> None:
        assert "\\x" not in repr(keyring.read([entry("one", 1), entry("index", 2)]))
        assert keyring.read([keyring.made("one"), keyring.made("index")]).first == "one"


def test_what_was_held_before_is_sealed_by_the_migration(areas: Map) -> None:
    """As a register of an earlier version holds it: words in the clear, under triggers that refuse to change them."""
    from importlib import import_module

    victim = make_person("V")
    order = make_nmo(areas.force, make_person("R"), victim)
    Order.objects.filter(pk=order.pk).update(restricted_reason="Because of Mary")
    opened = order.recording
    Postcode.objects.create(postcode="CV99ZZ", neighbourhood=areas.foleshill)
    home = Residence.objects.create(
        person=victim, source_ref="1", address="77 Hidden Street", postcode="CV9 9ZZ", status="home",
        from_on=date(2020, 1, 1), recording=opened,
    )  # fmt: skip
    event = Event.objects.create(
        order=order, kind="BREACHED", at=timezone.now(), text="In the garden", by_whom="PC 1", recording=opened
    )
    gone = Event.objects.create(
        order=order, kind="RETRACTED", at=timezone.now(), text="E-1", retracts_ref="E-1", recording=opened
    )
    condition = Condition.objects.create(
        order=order, source_ref="1", code="A", text="Not to see Mary", recording=opened
    )
    other = make_person("OTHER")
    party = Party.objects.create(order=order, person=other, role="victim", relationship="her sister", recording=opened)

    class Editor:
        pass

    editor = Editor()
    editor.connection = connection  # type: ignore[attr-defined]
    migration = import_module("orders.migrations.0094_seal_what_is_held")
    with owner():
        migration.seal(None, editor)
    held = everything(*TABLES, "orders_orderversion")
    for words in ("Hidden", "CV9", "garden", "Mary", "sister"):
        assert words not in held, words
    for row, names, words in (
        (home, ("address", "postcode"), ("77 Hidden Street", "CV9 9ZZ")),
        (event, ("text", "by_whom"), ("In the garden", "PC 1")),
        (condition, ("text",), ("Not to see Mary",)),
        (party, ("relationship",), ("her sister",)),
        (order, ("restricted_reason",), ("Because of Mary",)),
    ):
        row.refresh_from_db()
        assert all(getattr(row, name).startswith("v1.") for name in names)
        sealing.unsealed([row], *names)
        assert tuple(getattr(row, name) for name in names) == words
    gone.refresh_from_db()
    assert gone.text == "E-1", "a key of the source stays readable"
    home.refresh_from_db()
    assert (home.found_in, home.postcode_index) == (areas.foleshill, sealing.postcode_index("CV9 9ZZ"))
    before = everything(*TABLES)
    with owner():
        migration.seal(None, editor)
    assert everything(*TABLES) == before
