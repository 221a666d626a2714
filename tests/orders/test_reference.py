"""Changes of reference data: what files say, what they change, what depends on it, and back again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from orders.actions.by_hand import settle_residence
from orders.models import (
    Area,
    AreaBoundary,
    AuditEntry,
    BankHoliday,
    LegalCard,
    Order,
    Place,
    Postcode,
    ReferenceChange,
    Role,
    StaleOrder,
    User,
)
from orders.record import standing_check
from orders.reference import areas as area_files
from orders.reference import depending, work
from orders.reference.headers import NotRead, places_of
from orders.reference.outlines import Outline, Outlines
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db

NSPL = "pcd,pcd2,pcds,dointr,doterm,oslaua,osward,lat,long\n"


@pytest.fixture
def areas(settings: LazySettings, tmp_path: Path) -> Map:
    settings.IMPORT_DIR = str(tmp_path)
    made = make_map()
    for area, ward in ((made.palfrey, "E05000001"), (made.pleck, "E05000002"), (made.foleshill, "E05000003")):
        Area.objects.filter(pk=area.pk).update(ons_code=ward, vintage="WD24CD")
    Area.objects.filter(pk=made.walsall.pk).update(ons_code="E08000030")
    return made


@pytest.fixture
def keeper(areas: Map) -> Client:
    return signed_in(areas, Role.ADMINISTRATOR)[0]


def sent(client: Client, kind: str, content: bytes, name: str = "file.csv", **values: str) -> ReferenceChange:
    """Propose a change by its page, and let the worker read it."""
    response = client.post(
        f"/reference/{kind}/change", {"file": SimpleUploadedFile(name, content), "reason": "A test", **values}
    )
    assert response.status_code == 302, text(response)
    work.work_on_all()
    return ReferenceChange.objects.latest("pk")


def act(client: Client, change: ReferenceChange, **values: str) -> None:
    client.post(f"/reference/changes/{change.pk}", values)
    work.work_on_all()
    change.refresh_from_db()


def living_by_postcode(areas: Map, postcode: str) -> Order:
    """An order whose victim's home is known by its postcode only."""
    victim = make_person("VICTIM")
    settle_residence(
        victim, from_on=timezone.localdate() - timedelta(days=900), postcode=postcode, secret=False, by=None
    )
    return make_nmo(areas.force, make_person("PERPETRATOR"), victim, made="2026-01-05T10:00", until="2027-01-04")


def found_in(order: Order) -> set[str]:
    now = timezone.now()
    return set(Place.objects.at(now).filter(order_id=order.pk, roles__gt=0).values_list("area__code", flat=True))


class TestPostcodes:
    """NSPL and ONSPD, as streams."""

    def test_read_looked_at_applied_undone(self, areas: Map, keeper: Client) -> None:
        order = living_by_postcode(areas, "WS1 1AA")
        assert found_in(order) == {"WMP"}
        change = sent(
            keeper,
            "postcodes",
            (
                NSPL + "WS1  1AA,WS1 1AA,WS1 1AA,198001,,E08000030,E05000001,52.5,-1.9\n"
                "WS1 1AB,WS1 1AB,WS1 1AB,198001,202001,E08000030,E05000002,52.5,-1.9\n"
                "AB1 0AA,AB1 0AA,AB1 0AA,198001,,S12000033,S13002843,99.999999,0\n"
                "nonsense,nonsense,nonsense,198001,,E08000030,E05000002,52.5,-1.9\n"
            ).encode(),
            whole="on",
        )
        assert change.state == "proposed", change.problem
        assert change.summary["read"] == {
            "rows": 4, "placed": 2, "ended": 1, "elsewhere": 1, "malformed": 1, "twice": 0,
        }  # fmt: skip
        assert (change.summary["new"], change.summary["orders"]) == (2, 1)
        assert not Postcode.objects.exists()
        assert "WS11AA" in text(keeper.get(f"/reference/changes/{change.pk}"))
        act(keeper, change, apply="1")
        assert change.state == "applied", change.problem
        assert Postcode.objects.get(pk="WS11AB").ended_on == date(2020, 1, 1)
        assert StaleOrder.objects.get().order_id == order.pk
        viewer = signed_in(areas)[0]
        assert "being worked out again" in text(viewer.get("/search"))
        assert depending.work_out_again() == 1
        assert "being worked out again" not in text(viewer.get("/search"))
        assert found_in(order) == {"WMP", "WMP-WAL", "WMP-WAL-01"}
        assert list(standing_check.differences()) == []
        act(keeper, change, undo="1", undo_reason="The wrong release")
        assert change.state == "undone"
        assert not Postcode.objects.exists()
        depending.work_out_again()
        assert found_in(order) == {"WMP"}
        assert list(standing_check.differences()) == []
        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"change postcodes", "undo change postcodes", "propose reference data"} <= actions

    def test_a_later_list_moves_and_removes(self, areas: Map, keeper: Client) -> None:
        Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey)
        Postcode.objects.create(postcode="WS19ZZ", neighbourhood=areas.palfrey)
        order = living_by_postcode(areas, "WS1 1AA")
        assert "WMP-WAL-01" in found_in(order)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("Documents/readme.csv", "x\n")
            archive.writestr("Data/NSPL_FEB.csv", "PCDS,DOTERM,WD24CD,LAD24CD\nWS1 1AA,,E05000003,E08000026\n")
        change = sent(keeper, "postcodes", out.getvalue(), "nspl.zip", whole="on")
        assert change.state == "proposed", change.problem
        assert (change.vintage, change.summary["changed"], change.summary["gone"]) == ("WD24CD", 1, 1)
        act(keeper, change, apply="1")
        depending.work_out_again()
        assert found_in(order) == {"WMP", "WMP-COV", "WMP-COV-01"}
        assert not Postcode.objects.filter(pk="WS19ZZ").exists()

    def test_what_changed_meanwhile_stops_it(self, areas: Map, keeper: Client) -> None:
        Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey)
        change = sent(keeper, "postcodes", b"pcds,osward\nWS1 1AA,E05000003\n", whole="on")
        Postcode.objects.update(neighbourhood=areas.pleck)
        act(keeper, change, apply="1")
        assert change.state == "proposed"
        assert "not as they were" in change.problem
        assert Postcode.objects.get().neighbourhood_id == areas.pleck.pk

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (b"a,b\n1,2\n", "no column for the postcode"),
            (b"pcds,lon\nWS1 1AA,1\n", "no column for the ward"),
            (b"pcds,osward\nWS1 1AA,E05999999\n", "No postcode of the file lies in an area"),
            (b"pcds,osward\n\xff\xfe,E05000001\n", "not CSV in UTF-8"),
            (b"pcds,osward,doterm\nWS1 1AA,E05000001,then\n", "not a month"),
        ],
    )
    def test_files_that_are_not_taken(self, keeper: Client, content: bytes, word: str) -> None:
        change = sent(keeper, "postcodes", content)
        assert change.state == "refused"
        assert word in change.problem
        assert not Postcode.objects.exists()

    def test_by_boundary_where_wards_are_not_known(self, areas: Map, keeper: Client) -> None:
        square = [[52.0, -2.0], [52.0, -1.0], [53.0, -1.0], [53.0, -2.0]]
        AreaBoundary.objects.create(area=areas.radford, rings=[square])
        change = sent(
            keeper, "postcodes", b"pcds,lat,long\nCV1 1AA,52.5,-1.5\nCV1 1AB,54.5,-1.5\nCV1 1AD,99.999999,0\n"
        )
        act(keeper, change, apply="1")
        assert list(Postcode.objects.values_list("postcode", "neighbourhood__code")) == [("CV11AA", "WMP-COV-02")]


class TestAreas:
    """New neighbourhoods, splits, boundaries."""

    def test_a_split_moves_homes_from_its_day_on(self, areas: Map, keeper: Client) -> None:
        split = timezone.localdate() - timedelta(days=30)
        victim = make_person("VICTIM")
        settle_residence(
            victim, from_on=date(2020, 1, 1), neighbourhood=areas.palfrey, postcode="WS1 1AA", secret=False, by=None
        )
        order = make_nmo(areas.force, make_person("PERPETRATOR"), victim, made="2026-01-05T10:00", until="2027-01-04")
        lookup = (
            "WD26CD,WD26NM,LAD26CD,LAD26NM\nE05000002,Pleck,E08000030,Walsall\n"
            "E05000011,Palfrey North,E08000030,Walsall\nE05000012,Palfrey South,E08000030,Walsall\n"
            "E05099999,Elsewhere,E08099999,Elsewhere\n"
        )
        change = sent(
            keeper, "areas", lookup.encode(), whole="on",
            effective_on_day=str(split.day), effective_on_month=str(split.month), effective_on_year=str(split.year),
        )  # fmt: skip
        assert (change.summary["new"], change.summary["changed"]) == (2, 2), change.summary
        act(keeper, change, apply="1")
        assert change.state == "applied", change.problem
        assert Area.objects.get(code="WMP-WAL-01").valid_until == split
        new = Area.objects.get(code="WMP-WAL-03")
        assert (new.name, new.valid_from, new.vintage, new.force_id) == (
            "Palfrey North", split, "WD26CD", areas.force.pk,
        )  # fmt: skip
        depending.work_out_again()
        assert "WMP-WAL-01" in found_in(order), "nobody knows yet in which half it lies"
        act(keeper, sent(keeper, "postcodes", b"pcds,wd26cd\nWS1 1AA,E05000011\n"), apply="1")
        depending.work_out_again()
        assert found_in(order) == {"WMP", "WMP-WAL", "WMP-WAL-03"}
        before = Place.objects.at(timezone.now() - timedelta(days=60)).filter(order_id=order.pk, roles__gt=0)
        assert "WMP-WAL-01" in set(before.values_list("area__code", flat=True))
        assert list(standing_check.differences()) == []
        act(keeper, change, undo="1", undo_reason="x")
        assert change.state == "applied"
        assert "Orders are found under areas" in change.problem

    def test_undone_while_nothing_is_found_under_it(self, areas: Map, keeper: Client) -> None:
        change = sent(keeper, "areas", b"code,name,level,parent\nWMP-WAL-09,Ninth,neighbourhood,WMP-WAL\n")
        act(keeper, change, apply="1")
        assert Area.objects.filter(code="WMP-WAL-09").exists()
        act(keeper, change, undo="1", undo_reason="x")
        assert change.state == "undone", change.problem
        assert not Area.objects.filter(code="WMP-WAL-09").exists()

    def test_a_neighbourhood_that_the_source_knew_first(self, areas: Map, keeper: Client) -> None:
        from orders.models import Residence

        order = living_by_postcode(areas, "")
        victim = order.parties.get(role="victim").person
        settle_residence(victim, from_on=date(2020, 1, 1), secret=False, by=None)
        held = Residence.objects.filter(person=victim).latest("pk")
        Residence.objects.bulk_create(
            [Residence(person=victim, source_ref="x", neighbourhood_code="WMP-WAL-07", status="home", secret=False,
                       from_on=date(2021, 1, 1), recording=held.recording)]
        )  # fmt: skip
        change = sent(keeper, "areas", b"code,name,level,parent\nWMP-WAL-07,Seventh,neighbourhood,WMP-WAL\n")
        assert change.summary["orders"] == 1
        act(keeper, change, apply="1")
        depending.work_out_again()
        assert "WMP-WAL-07" in found_in(order)

    def test_data_police_uk(self, areas: Map, keeper: Client) -> None:
        told: Any = [{"id": "WS07", "name": "Bescot"}]
        change = sent(keeper, "areas", json.dumps(told).encode(), "n.json", lpa="WMP-WAL")
        act(keeper, change, apply="1")
        area = Area.objects.get(name="Bescot")
        assert (area.code, area.parent_id) == ("WMP-WAL-03", areas.walsall.pk)
        ring = [
            {"latitude": "52.5", "longitude": "-1.9"},
            {"latitude": "52.6", "longitude": "-1.9"},
            {"latitude": "52.6", "longitude": "-1.8"},
        ]
        act(keeper, sent(keeper, "areas", json.dumps({"WS07": ring}).encode(), "b.json"), apply="1")
        assert len(AreaBoundary.objects.get(area=area).rings[0]) == 3

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            ("code,name,level,parent\nX,Name,ward,WMP\n", "not force, lpa or neighbourhood"),
            ("code,name,level,parent\nX,Name,neighbourhood,WMP\n", "not the code of an area of the level above"),
            ("code,name,level,parent\nWMP-WAL-01,Name,lpa,WMP\n", "one thing for good"),
            ("code,name,level,parent\nWMP-WAL-01,,neighbourhood,WMP-WAL\n", "name is missing"),
            ("a,b\n1,2\n", "no column"),
            ("{", "not JSON"),
            ('[{"id": "A", "name": "B"}]', "to which local policing area"),
        ],
    )
    def test_files_that_are_not_taken(self, areas: Map, content: str, word: str) -> None:
        with pytest.raises(NotRead, match=word):
            area_files.wanted(content.encode(), now=area_files.held(), on=None, whole=False, lpa="", vintage="")

    def test_inside_and_outside(self) -> None:
        ring = [[0.0, 0.0], [0.0, 4.0], [4.0, 4.0], [4.0, 0.0]]
        hole = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0]]
        outlines = Outlines([Outline.of(7, [ring, hole])])
        assert [outlines.area_at(*point) for point in ((3.0, 3.0), (1.5, 1.5), (5.0, 1.0), (-0.05, 1.0))] == [
            7,
            None,
            None,
            None,
        ]

    def test_names_of_columns_by_vintage(self) -> None:
        assert places_of(["PCDS", "WD23CD", "LAD23CD"], "postcode", "ward", "lad") == {
            "postcode": 0,
            "ward": 1,
            "lad": 2,
        }


class TestHolidaysAndCards:
    """Days that stop clocks; words that lawyers answer for."""

    def test_govuk_json_replaces_its_years(self, areas: Map, keeper: Client) -> None:
        days = [{"title": "New Year’s Day", "date": "2027-01-01"}, {"title": "Christmas Day", "date": "2027-12-25"},
                {"title": "Jubilee", "date": "2027-06-04"}]  # fmt: skip
        content = json.dumps({"england-and-wales": {"division": "england-and-wales", "events": days}}).encode()
        change = sent(keeper, "holidays", content, "bank-holidays.json")
        assert (change.summary["new"], change.summary["gone"]) == (2, 0)
        act(keeper, change, apply="1")
        assert BankHoliday.objects.filter(day__year=2027).count() == 3
        act(keeper, change, undo="1", undo_reason="x")
        assert BankHoliday.objects.filter(day__year=2027).count() == 1

    def test_half_a_year_is_refused(self, keeper: Client) -> None:
        response = keeper.post(
            "/reference/holidays/change",
            {"file": SimpleUploadedFile("h.csv", b"day,name\n2030-01-01,New Year\n"), "reason": "x"},
        )
        assert "no Christmas of 2030" in text(response)

    def test_a_card_stands_on_the_order_and_says_when_its_review_is_overdue(self, areas: Map, keeper: Client) -> None:
        order = living_by_postcode(areas, "")
        viewer = signed_in(areas)[0]
        values = {
            "words": "Ring the custody sergeant before anything else.", "owner": "Legal services", "reason": "First card",
            "reviewed_on_day": "1", "reviewed_on_month": "2", "reviewed_on_year": "2026",
            "review_due_on_day": "1", "review_due_on_month": "8", "review_due_on_year": "2026",
        }  # fmt: skip
        assert keeper.post("/reference/cards/NMO", values).status_code == 302
        change = ReferenceChange.objects.get()
        assert "Ring the custody" not in text(viewer.get(f"/orders/{order.public_id}"))
        act(keeper, change, apply="1")
        page = text(viewer.get(f"/orders/{order.public_id}"))
        assert "Ring the custody sergeant" in page
        assert "Review overdue" in page
        act(keeper, change, undo="1", undo_reason="x")
        assert not LegalCard.objects.exists()


class TestUsers:
    """Accounts and roles."""

    def test_opened_changed_closed(self, areas: Map, keeper: Client) -> None:
        values = {"username": "new.person", "roles": ["viewer"], "force": str(areas.force.pk), "is_active": "on",
                  "password": "long enough and odd"}  # fmt: skip
        assert keeper.post("/reference/users/add", values).status_code == 302
        user = User.objects.get(username="new.person")
        assert user.check_password("long enough and odd")
        weak = keeper.post(f"/reference/users/{user.pk}", values | {"password": "short"})
        assert weak.status_code == 400
        assert 'value="new.person"' in weak.content.decode()
        elsewhere = values | {"password": "", "home_area": str(areas.next_lpa.pk)}
        assert "home area of the user" in text(keeper.post(f"/reference/users/{user.pk}", elsewhere))
        del values["is_active"]
        assert keeper.post(f"/reference/users/{user.pk}", values | {"password": ""}).status_code == 302
        user.refresh_from_db()
        assert not user.is_active
        assert "Closed" in text(keeper.get("/reference/users"))
        assert AuditEntry.objects.filter(action="change user", detail__fields=["is_active"]).exists()

    def test_the_last_administrator_stays_one(self, areas: Map) -> None:
        client, user = signed_in(areas, Role.ADMINISTRATOR)
        response = client.post(
            f"/reference/users/{user.pk}", {"username": user.username, "roles": ["viewer"], "is_active": "on"}
        )
        assert response.status_code == 400
        assert "Nobody else is an administrator" in text(response)


def test_only_administrators_come_near(areas: Map) -> None:
    client = signed_in(areas, Role.CIVIL_ORDERS_TEAM)[0]
    for path in (
        "/reference",
        "/reference/areas",
        "/reference/areas/change",
        "/reference/cards/NMO",
        "/reference/users",
    ):
        assert client.get(path).status_code == 403
