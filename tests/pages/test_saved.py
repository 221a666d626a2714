"""Saved searches: one's own and shared ones, opened with the reader's own eyes; changed and deleted by their owner alone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from orders.access.keeping_keys import seal_typed_again
from orders.access.keyring import made
from orders.actions.saving import UNDO, Sharing, delete_search, forget_asked, save_search
from orders.models import AskedSearch, AuditEntry, Role, SavedSearch, User
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

WALSALL = "area=WMP-WAL&standing=live"


@pytest.fixture
def areas() -> Map:
    return make_map()


def saved_by(user: User, query: str = WALSALL, name: str = "Walsall", words: str = "", **shared: object) -> SavedSearch:
    return save_search(name=name, query=query, text=words, sharing=Sharing(**shared), by=user)  # type: ignore[arg-type]


def at_home(user: User, area: object) -> User:
    user.home_area = area  # type: ignore[assignment]
    user.save()
    return user


def post(client: Client, saved: SavedSearch, what: str, **data: str) -> int:
    return int(client.post(f"/saved/{saved.key}/{what}", data).status_code)


def test_save_open_and_list(areas: Map) -> None:
    order = order_of(areas)
    client, user = signed_in(areas)
    page = client.get(f"/search?{WALSALL}")
    (link,) = re.findall(r'href="(/saved/new\?[^"]+)"', page.content.decode())
    address = link.replace("&amp;", "&")
    assert "Demo WMP-WAL, Standing: Live" in text(client.get(address))
    response = client.post(address, {"name": "  Live in  Walsall ", "share": ""}, follow=True)
    assert "Saved as “Live in Walsall”" in text(response)
    saved = SavedSearch.objects.get()
    assert (saved.owner, saved.query, saved.shared_area, saved.shared_role) == (user, WALSALL, None, "")
    assert "Changed since saved" not in text(response)
    listed = text(client.get("/saved"))
    assert "Live in Walsall" in listed
    assert "1 order" in listed
    opened = client.get(f"/saved/{saved.key}", follow=True)
    assert order.reference in text(opened)
    assert AuditEntry.objects.filter(action="save a search", user=user).exists()


def test_what_was_typed_is_kept_with_it_and_asked_in_the_readers_own_name(areas: Map) -> None:
    order = order_of(areas)
    client, _ = signed_in(areas)
    address = client.post("/search", {"q": "Respondant", "area": "WMP"})["Location"]
    key = parse_qs(urlsplit(address).query)["s"][0]
    client.post(f"/saved/new?area=WMP&s={key}", {"name": "A person", "share": "role supervisor"})
    saved = SavedSearch.objects.get()
    assert (saved.query, saved.words) == ("area=WMP", "Respondant")
    other, reader = signed_in(areas, Role.SUPERVISOR)
    opened = other.get(f"/saved/{saved.key}")
    assert "Respondant" not in opened["Location"]
    assert AskedSearch.objects.get(owner=reader).words == "Respondant"
    assert order.reference in text(other.get(opened["Location"]))


def test_what_was_typed_lies_sealed_and_is_sealed_again_by_a_new_key(areas: Map, settings: LazySettings) -> None:
    client, user = signed_in(areas)
    client.post("/search", {"q": "Respondant", "area": "WMP"})
    saved = saved_by(user, words="Respondant")
    for sealed in (AskedSearch.objects.get().text, saved.text):
        assert sealed
        assert "espondant" not in sealed
    before = saved.text
    settings.FIELD_KEYS = [made("newer"), *settings.FIELD_KEYS]
    assert seal_typed_again() == 3  # what was asked; the name of the saved search and its words
    saved.refresh_from_db()
    assert saved.text != before
    assert (saved.name, saved.words) == ("Walsall", "Respondant")
    SavedSearch.objects.update(text=f"gone.{before.partition('.')[2]}")
    assert "can no longer be opened" in text(client.get(f"/saved/{saved.key}", follow=True))
    assert "Cannot be asked" in text(client.get("/saved"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": ""}, "Give the search a name"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "Walsall"}, "You have a saved search of this name"),
        ({"name": "New", "share": "area STF-NOR"}, "Choose from the list"),
        ({"name": "New", "share": "role administrator"}, "Choose from the list"),
        ({"name": "a\0b"}, "Null characters"),
        ({"name": "New", "alert": "on"}, "no email address that may be told"),
    ],
)
def test_what_cannot_be_saved_is_said_and_kept(areas: Map, data: dict[str, str], said: str) -> None:
    client, user = signed_in(areas)
    saved_by(user)
    response = client.post(f"/saved/new?{WALSALL}", data)
    assert response.status_code == 400
    assert said in text(response)
    assert SavedSearch.objects.count() == 1


def test_a_search_that_cannot_be_understood_is_not_saved(areas: Map) -> None:
    client, _ = signed_in(areas)
    response = client.post("/saved/new?area=WMP&bogus=1", {"name": "New"}, follow=True)
    assert response.status_code == 400
    assert not SavedSearch.objects.exists()


class TestSharing:
    """One rule for page, count and email: one's own, and those shared with one's area or role, in one's force."""

    def test_who_may_open_it(self, areas: Map) -> None:
        _, owner = signed_in(areas)
        own = saved_by(owner)
        area = saved_by(owner, name="Area", area=areas.walsall)
        role = saved_by(owner, name="Role", role=Role.SUPERVISOR)
        readers = {
            "owner": (owner, {own, area, role}),
            "in the area": (at_home(signed_in(areas)[1], areas.walsall), {area}),
            "in a neighbourhood of it": (at_home(signed_in(areas)[1], areas.palfrey), {area}),
            "in another area": (at_home(signed_in(areas)[1], areas.coventry), set()),
            "of the role": (signed_in(areas, Role.SUPERVISOR)[1], {role}),
            "of nothing": (signed_in(areas)[1], set()),
        }
        for who, (reader, may_open) in readers.items():
            assert set(SavedSearch.objects.visible_to(reader)) == may_open, who
            client = Client()
            client.force_login(reader)
            listed = text(client.get("/saved"))
            for saved in (own, area, role):
                assert (client.get(f"/saved/{saved.key}").status_code == 302) is (saved in may_open), who
                assert (client.get(f"/search?area=WMP&saved={saved.key}").status_code == 200) is (saved in may_open)
                assert (f" {saved.name} " in listed) is (saved in may_open) or saved.name in ("Area", "Role", "Walsall")

    def test_another_force_and_closed_accounts(self, areas: Map) -> None:
        _, owner = signed_in(areas)
        saved = saved_by(owner, role=Role.SUPERVISOR)
        _, stranger = signed_in(areas, Role.SUPERVISOR)
        stranger.force = areas.next_force
        assert not SavedSearch.objects.visible_to(stranger)
        _, reader = signed_in(areas, Role.SUPERVISOR)
        assert saved in SavedSearch.objects.visible_to(reader)
        User.objects.filter(pk=owner.pk).update(is_active=False)
        assert not SavedSearch.objects.visible_to(reader)

    def test_each_reader_sees_what_they_may(self, areas: Map) -> None:
        order_of(areas, secret=True)
        _, owner = signed_in(areas, secret_places=True)
        saved = saved_by(owner, query="area=WMP-COV-01", name="Foleshill", role=Role.VIEWER)
        holder, viewer = Client(), signed_in(areas)[0]
        holder.force_login(owner)
        assert "1 order" in text(holder.get("/saved"))
        assert "0 orders" in text(viewer.get("/saved"))
        assert "There are no orders" in text(viewer.get(f"/saved/{saved.key}", follow=True))

    def test_only_the_owner_changes_it(self, areas: Map) -> None:
        _, owner = signed_in(areas)
        saved = saved_by(owner, role=Role.VIEWER)
        client, _ = signed_in(areas)
        for what in ("update", "delete", "restore", "quiet"):
            assert post(client, saved, what, query="area=WMP") == 404
        assert client.get(f"/saved/{saved.key}/edit").status_code == 404
        assert client.post(f"/saved/{saved.key}/edit", {"name": "Mine"}).status_code == 404
        saved.refresh_from_db()
        assert (saved.name, saved.query, saved.deleted_at) == ("Walsall", WALSALL, None)


def test_changed_since_saved_update_and_save_as_new(areas: Map) -> None:
    order_of(areas)
    client, user = signed_in(areas)
    saved = saved_by(user)
    address = f"/search?{WALSALL}&served=N&saved={saved.key}"
    page = client.get(address)
    assert "Changed since saved" in text(page)
    assert "Save as new" in text(page)
    (query,) = re.findall(r'name="query" value="([^"]+)"', page.content.decode())
    assert post(client, saved, "update", query=query.replace("&amp;", "&")) == 302
    saved.refresh_from_db()
    assert saved.query == f"{WALSALL}&served=N"
    assert "Changed since saved" not in text(client.get(address))
    assert post(client, saved, "update", query="area=nowhere") == 302
    saved.refresh_from_db()
    assert saved.query == f"{WALSALL}&served=N"


def test_delete_and_put_back(areas: Map) -> None:
    client, user = signed_in(areas)
    saved = saved_by(user)
    assert post(client, saved, "delete") == 302
    assert client.get(f"/saved/{saved.key}").status_code == 404
    assert "Deleted in the last day" in text(client.get("/saved"))
    saved_by(user)
    assert post(client, saved, "restore") == 302
    saved.refresh_from_db()
    assert (saved.name, saved.deleted_at) == ("Walsall (2)", None)
    delete_search(saved, by=user)
    saved.refresh_from_db()
    assert forget_asked(saved.deleted_at) == 0
    assert forget_asked(saved.deleted_at + UNDO) == 1


def test_one_to_begin_with(areas: Map) -> None:
    client, user = signed_in(areas)
    assert client.get("/start")["Location"] == "/"
    first, second = saved_by(user), saved_by(user, name="Second")
    for saved in (first, second):
        client.post(f"/saved/{saved.key}/edit", {"name": saved.name, "share": "", "home": "on"})
        assert client.get("/start")["Location"] == f"/saved/{saved.key}"
    assert SavedSearch.objects.filter(is_home=True).count() == 1


def test_a_search_whose_area_is_gone_says_so(areas: Map) -> None:
    order = order_of(areas)
    client, user = signed_in(areas)
    saved = saved_by(user, query="area=WMP-OLD&standing=live", name="Old")
    listed = text(client.get("/saved"))
    assert "Cannot be asked" in listed
    assert "There is no such area in your force" in listed
    response = client.get(f"/saved/{saved.key}", follow=True)
    assert response.status_code == 400
    assert "There is no such area in your force" in text(response)
    assert order.reference not in text(response), "nothing is widened"


def test_my_area_shows_them_with_their_numbers(areas: Map) -> None:
    order_of(areas)
    client, user = signed_in(areas)
    assert "My saved searches" not in text(client.get("/"))
    saved_by(user)
    assert "My saved searches Walsall (1)" in text(client.get("/"))


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_not_search_has_none(areas: Map, role: Role) -> None:
    _, owner = signed_in(areas)
    saved = saved_by(owner)
    client, _ = signed_in(areas, role)
    for path in ("/saved", f"/saved/{saved.key}", "/saved/new?area=WMP"):
        assert client.get(path).status_code == 403


def test_another_forces_orders_stay_out_of_a_shared_search(areas: Map) -> None:
    home = (areas.next_neighbourhood, "2020-01-01", None)
    make_nmo(areas.next_force, make_person("R", home), make_person("P", home))
    client, user = signed_in(areas)
    saved_by(user, query="area=STF-NOR", name="Theirs")
    assert "Cannot be asked" in text(client.get("/saved"))
