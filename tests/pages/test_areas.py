"""Areas: every figure is what a search of that area finds, to the reader who asks, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.actions.by_hand import record_event
from orders.models import Area, AuditEntry, Order, Role, User
from orders.querysets import ROLES
from orders.search import area_figures, by_area
from orders.search.by_area import Question
from orders.statute import Event
from tests.orders.build import Map, local, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db

NOON = local("2026-06-01T12:00")


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def crowd(areas: Map) -> list[Order]:
    """Orders of every sort that a figure tells apart, and some that must not count."""
    here, there, next_door = areas.palfrey, areas.foleshill, areas.next_neighbourhood

    def lives(name: str, area: Area | None, **options: object) -> object:
        return make_person(name, *([(area, "2020-01-01", None)] if area else []), **options)  # type: ignore[arg-type]

    def order(r: Area | None, p: Area | None, secret: bool | None = None, **options: object) -> Order:
        force = options.pop("force", areas.force)
        return make_nmo(force, lives("R", r), lives("P", p, secret=secret), **options)  # type: ignore[arg-type]

    breached = order(here, areas.pleck)
    record_event(breached, Event("BREACHED", NOON - timedelta(days=2)), by=None)
    discharged = order(here, there)
    record_event(discharged, Event("BREACHED", NOON - timedelta(days=1)), by=None)
    record_event(discharged, Event("DISCHARGED", NOON - timedelta(hours=1)), by=None)
    served = order(here, here, until="2026-06-04", events=(Event("SERVED", local("2026-04-01T09:00")),))
    doubtful = order(there, here)
    Order.objects.filter(pk=doubtful.pk).update(doubt_since=NOON - timedelta(hours=3))
    record_event(doubtful, Event("APPEALED", local("2026-04-01T10:00")), by=None)
    return [
        breached, discharged, served, doubtful,
        order(there, areas.radford, made="2026-05-31T09:00"),
        order(here, there, secret=True),
        order(None, areas.radford),
        order(next_door, None),
        order(here, next_door, force=areas.next_force),
        order(next_door, next_door, force=areas.next_force),
        order(here, there, made="2026-06-10T10:00"),
    ]  # fmt: skip


def as_searched(area: Area, user: User, at: datetime, known_at: datetime | None, role: str | None) -> dict[str, int]:
    question = Question(area, at, known_at, role)
    counted, needing = by_area.counts(question, user), area_figures.needing(question, user)
    needed = {name: needing[name] for name in ("new", "unserved", "ending", "breached")}
    not_placed = by_area.counts(Question(area, at, known_at, "not placed"), user)["live"]
    return needed | {name: counted[name] for name in ("live", "unconfirmed")} | {"not_placed": not_placed}


@pytest.mark.parametrize("role", [None, *(role for role in ROLES if role != "not placed")])
@pytest.mark.parametrize("secret_places", [False, True])
def test_every_figure_is_what_a_search_of_that_area_counts(
    areas: Map, crowd: list[Order], role: str | None, secret_places: bool,
    django_assert_num_queries: Callable[[int], object],
) -> None:  # fmt: skip
    user = make_user(areas.force, secret_places=secret_places)
    own = list(Area.objects.filter(code__startswith="WMP"))
    first = crowd[3].first_recording.recorded_at
    seen = set()
    for at, known_at in ((NOON, None), (local("2026-06-12T12:00"), None), (NOON, first)):
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            figures = area_figures.of_areas(Question(areas.force, at, known_at, role), user, own)
        for area in own:
            assert figures[area.pk] == as_searched(area, user, at, known_at, role), area
            seen |= {name for name, count in figures[area.pk].items() if count}
    assert seen == set(area_figures.FIGURES) or role == "both"


def test_nothing_is_counted_for_those_who_do_not_search_nor_of_another_force(areas: Map, crowd: list[Order]) -> None:
    question = Question(areas.force, NOON)
    assert area_figures.of_areas(question, make_user(areas.force), [areas.next_force, areas.next_lpa]) == {}
    for user in (make_user(areas.force, Role.AUDITOR), make_user(areas.force, Role.ADMINISTRATOR)):
        assert not any(area_figures.of_areas(question, user, [areas.force])[areas.force.pk].values())
    assert area_figures.of_areas(question, make_user(None), [areas.force]) == {}


def test_every_number_of_the_page_leads_to_as_many_orders(areas: Map, crowd: list[Order]) -> None:
    client, _ = signed_in(areas)
    for path in ("/areas", "/areas/WMP-WAL?role=victim", "/areas/WMP-COV-01", "/areas/WMP?role=both"):
        page = client.get(f"{path}{'&' if '?' in path else '?'}at=2026-06-01T12:00").content.decode()
        links = re.findall(r'href="(/search\?[^"]+)">(\d+)', page)
        assert links, path
        for address, count in links:
            assert "at=2026-06-01T12%3A00" in address
            assert f" {count} order" in text(client.get(unescape(address))), address


def test_from_the_force_down_to_a_neighbourhood(areas: Map, crowd: list[Order]) -> None:
    client, _ = signed_in(areas)
    force = client.get("/areas?at=2026-06-01T12:00").content.decode()
    lpa = unescape(re.findall(r'class="register-tile[^"]*" href="([^"]+)"', force)[1])
    assert lpa == "/areas/WMP-WAL?at=2026-06-01T12%3A00"
    shown = client.get(lpa).content.decode()
    assert '<a class="govuk-breadcrumbs__link" href="/areas/WMP?at=2026-06-01T12%3A00">' in shown
    tiles = [
        re.sub(r"<[^>]+>|\s+", " ", tile) for tile in re.findall(r'<a class="register-tile.*?</a>', shown, re.DOTALL)
    ]
    assert [" ".join(tile.split()) for tile in tiles] == [
        "Demo WMP-WAL-01 4 live !2 2 breached in 7 days",
        "Demo WMP-WAL-02 1 live !1 1 breached in 7 days",
    ]
    neighbourhood = client.get("/areas/WMP-WAL-01?at=2026-06-01T12:00")
    assert text(neighbourhood).count("NMO/2026/") == 4
    assert AuditEntry.objects.latest("pk").action == "look at area"
    assert len(AuditEntry.objects.latest("pk").orders) == 4


def test_a_neighbourhood_that_is_no_more_shows_only_while_something_is_found_under_it(areas: Map) -> None:
    Area.objects.filter(code="WMP-WAL-02").update(valid_until="2026-01-01")
    client, _ = signed_in(areas)
    assert "WMP-WAL-02" not in text(client.get("/areas/WMP-WAL"))
    assert "WMP-WAL-02" in text(client.get("/areas/WMP-WAL?at=2025-12-31T12:00"))
    home = (Area.objects.get(code="WMP-WAL-02"), "2020-01-01", None)
    make_nmo(areas.force, make_person("R", home), make_person("P"), until=None)
    assert "WMP-WAL-02" in text(client.get("/areas/WMP-WAL"))


@pytest.mark.parametrize("code", ["STF", "STF-NOR", "XXX", "WMP-WAL-99"])
def test_another_forces_area_is_as_if_it_did_not_exist(areas: Map, code: str) -> None:
    client, _ = signed_in(areas)
    assert client.get(f"/areas/{code}").status_code == 404


@pytest.mark.parametrize(
    ("query", "named"),
    [("role=friend", "role"), ("at=yesterday", "at"), ("known_at=2026-03-29T01:30", "never happened"),
     ("bogus=1", "bogus"), ("page=2", "page"), ("at=2026-01-01T12:00&at=2026-01-02T12:00", "only once")],
)  # fmt: skip
def test_what_cannot_be_understood_is_named_and_shows_nothing(
    areas: Map, crowd: list[Order], query: str, named: str
) -> None:
    client, user = signed_in(areas)
    response = client.get(f"/areas/WMP-WAL?{query}")
    assert response.status_code == 400
    assert named in text(response)
    assert "live" not in text(response)
    assert not AuditEntry.objects.filter(user=user).exists()


def test_a_time_before_is_unmistakable(areas: Map) -> None:
    client, _ = signed_in(areas)
    order = order_of(areas)
    before = (timezone.localtime() - timedelta(days=6)).strftime("%Y-%m-%dT12:00")
    now, then = client.get("/areas/WMP-WAL"), client.get(f"/areas/WMP-WAL?role=victim&at={before}")
    assert "1 live" in text(now)
    assert "This page is not about now" not in text(now)
    assert "This page is not about now" in text(then)
    assert '<a class="govuk-link" href="/areas/WMP-WAL?role=victim">Go to now</a>' in then.content.decode()
    unknown = client.get(f"/areas/WMP-WAL?known_at={before}")
    assert "This page is not about now" in text(unknown)
    assert "0 live" in text(unknown)
    assert order.reference


@pytest.mark.parametrize("path", ["/areas", "/areas/WMP-WAL", "/areas/WMP-WAL-01"])
def test_queries_do_not_grow_with_rows(areas: Map, path: str) -> None:
    client, _ = signed_in(areas)
    taken = []
    for count in (3, 30):
        while Order.objects.count() < count:
            order_of(areas)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 25
