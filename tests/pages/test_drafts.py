"""An order entered by question pages: what is asked, refused, proposed and kept."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Draft, Order, Person, Postcode, Role
from tests.orders.build import Map, make_map, make_nmo, make_person
from tests.pages.asking import signed_in, text
from tests.pages.test_managing import answers, boxes, unseen

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def keeper(areas: Map) -> Client:
    return signed_in(areas, Role.CIVIL_ORDERS_TEAM)[0]


class TestDrafts:
    """An order by question pages."""

    def begin(self, keeper: Client, kind: str = "NMO") -> str:
        page = keeper.post("/orders/new", {"kind": kind})
        return page.headers["Location"]

    def person(self, name: str) -> dict[str, str]:
        return {"family_name": name, "given_names": "Invented", **boxes("date_of_birth", date(1980, 1, 1))}

    def home(self, areas: Map) -> dict[str, str]:
        return {
            "status": "home", "address": "1 Invented Road", "neighbourhood": str(areas.palfrey.pk), "withheld": "Y",
            **boxes("from_on", date(2026, 1, 1)),
        }  # fmt: skip

    @pytest.mark.parametrize("page", ["numbers", "notice", "when", "respondent", "conditions"])
    def test_a_character_that_no_text_holds_is_refused_and_the_rest_kept(self, keeper: Client, page: str) -> None:
        base = self.begin(keeper).rsplit("/", 1)[0]
        sent = {"reference": "NMO/1", "officer": "x\0y", "family_name": "RED\0", "given_names": "Invented",
                "text_1": "No\0 contact", "without_notice": "N\0", "ends": "open\0", "\0": "\0"}  # fmt: skip
        answer = keeper.post(f"{base}/{page}", sent)
        assert answer.status_code == 400
        assert "There is a problem" in text(answer)
        kept = keeper.get(f"{base}/{page}")
        assert kept.status_code == 200
        assert page != "numbers" or b'value="NMO/1"' in kept.content

    def fill(self, keeper: Client, areas: Map, reference: str = "NMO/1", kind: str = "NMO", **answers: str) -> str:
        numbers = self.begin(keeper, kind)
        base, begun = numbers.rsplit("/", 1)[0], timezone.localtime() - timedelta(days=3)
        pages = [
            ("numbers", {"reference": reference, "court": "Invented Court"}),
            ("notice", {"without_notice": "N"}),
            ("when", {**boxes("at", begun), "by": "Supt Invented", "ends": "open", "served": "no"} | answers),
            ("respondent", self.person("RED")),
            ("respondent-home", self.home(areas)),
            ("protected-1", self.person("GREEN")),
            ("protected-1-home", self.home(areas)),
            ("protected-1-more", {"more": "no"}),
            ("conditions", {"about_1": "B", "text_1": "No contact."}),
        ]
        for key, sent in pages:
            if key == "notice" and kind != "NMO":
                continue
            page = keeper.post(f"{base}/{key}", sent)
            assert page.status_code == 302, (key, text(page))
        return base

    def test_from_kind_to_done(self, areas: Map, keeper: Client) -> None:
        base = self.fill(keeper, areas)
        page = keeper.get(base)
        assert "It is in force" in text(page)
        assert answers(page)["Reference"] == "NMO/1"
        assert re.fullmatch(r"\d+ \w+ \d{4}, at \d\d:\d\d", answers(page)["When was it made?"])
        key = unseen(page)
        done = keeper.post(base, key)
        assert done.status_code == 302, text(done)
        order = Order.objects.get()
        assert keeper.post(base, key).status_code == 302
        assert Order.objects.count() == 1, "a form sent twice is carried out once"
        assert "Order entered" in text(keeper.get(done.headers["Location"]))
        assert Draft.objects.get().order == order
        assert "You have no drafts" in text(keeper.get("/orders/drafts"))

    @pytest.mark.parametrize("kind", ["DVPN", "SPO"])
    def test_the_clocks_of_what_has_been_served_are_shown_before_it_is_submitted(
        self, areas: Map, keeper: Client, kind: str
    ) -> None:
        served = boxes("served_at", timezone.localtime() - timedelta(days=2)) | {"served": "yes"}
        page = keeper.get(self.fill(keeper, areas, f"{kind}/1", kind, **served))
        assert page.status_code == 200
        assert {"DVPN": "must be heard by", "SPO": "must notify police"}[kind] in text(page)

    def test_what_is_wrong_is_kept_too(self, areas: Map, keeper: Client) -> None:
        url = self.begin(keeper).replace("numbers", "respondent")
        page = keeper.post(url, {"family_name": "RED", "date_of_birth_day": "40"})
        assert page.status_code == 400
        assert "Date of birth must include a month and a year" in text(page)
        again = keeper.get(url).content.decode()
        assert 'value="RED"' in again
        assert 'value="40"' in again

    def test_a_draft_is_its_owners_alone(self, areas: Map, keeper: Client) -> None:
        url = self.begin(keeper)
        other, _ = signed_in(areas, Role.CIVIL_ORDERS_TEAM)
        assert other.get(url).status_code == 404
        assert other.get(url.rsplit("/", 1)[0]).status_code == 404
        assert other.post(url.rsplit("/", 1)[0] + "/delete").status_code == 404
        assert keeper.post(url.rsplit("/", 1)[0] + "/delete").status_code == 302
        assert not Draft.objects.exists()

    def test_a_missing_date_of_birth_needs_its_reason(self, areas: Map, keeper: Client) -> None:
        url = self.begin(keeper).replace("numbers", "respondent")
        assert "Enter the date of birth, or say below why" in text(keeper.post(url, {"family_name": "RED"}))
        assert keeper.post(url, {"family_name": "RED", "no_birth": "Court did not give it"}).status_code == 302

    def test_a_notice_is_not_entered_against_somebody_too_young_for_it(self, areas: Map, keeper: Client) -> None:
        young = date(timezone.localdate().year - 17, 1, 1)
        known = make_person("BLUE", (areas.palfrey, "2020-01-01", None))
        Person.objects.filter(pk=known.pk).update(date_of_birth=young)
        make_nmo(areas.force, known, make_person("V"))
        url = self.begin(keeper, "DVPN")
        when = {**boxes("at", timezone.now() - timedelta(hours=2)), "by": "Supt Invented", "served": "no"}
        assert keeper.post(url.replace("numbers", "when"), when).status_code == 302
        url = url.replace("numbers", "respondent")
        page = keeper.post(url, self.person("RED") | boxes("date_of_birth", young))
        assert page.status_code == 400
        assert page.context["form"].errors.keys() == {"date_of_birth"}
        assert "aged 18 or over (Crime and Security Act 2010 s.24(2))" in text(page)
        held = keeper.post(url, self.person("BLUE") | boxes("date_of_birth", young) | {"same": str(known.public_id)})
        assert held.context["form"].errors.keys() == {"same"}
        assert keeper.post(url, self.person("RED")).status_code == 302
        protected = url.replace("respondent", "protected-1")
        assert keeper.post(protected, self.person("GREEN") | boxes("date_of_birth", young)).status_code == 302

    def test_a_postcode_and_a_neighbourhood_of_another_area_are_not_both_taken(
        self, areas: Map, keeper: Client
    ) -> None:
        Postcode.objects.create(postcode="WS21ZZ", neighbourhood=areas.palfrey)
        url = self.begin(keeper).replace("numbers", "respondent-home")
        sent = self.home(areas) | {"postcode": "ws2 1zz"}
        page = keeper.post(url, sent | {"neighbourhood": str(areas.radford.pk)})
        assert page.status_code == 400
        assert f"WS2 1ZZ lies in {areas.palfrey.name}, {areas.walsall.name}" in text(page)
        assert keeper.post(url, sent).status_code == 302
        assert keeper.post(url, sent | {"neighbourhood": ""}).status_code == 302
        assert "ZZ99 is not in the register" in text(keeper.post(url, sent | {"postcode": "zz99", "neighbourhood": ""}))

    def test_since_when_can_be_left_blank_once_it_is_known_when_the_order_began(
        self, areas: Map, keeper: Client
    ) -> None:
        url = self.begin(keeper).replace("numbers", "respondent-home")
        sent = {name: value for name, value in self.home(areas).items() if not name.startswith("from_on")}
        assert "Enter the day from which they lived there" in text(keeper.post(url, sent))
        when = {**boxes("at", date(2026, 3, 3)), "ends": "open", "served": "no"}
        keeper.post(url.replace("respondent-home", "when"), when)
        assert "it counts from 3 March 2026" in text(keeper.get(url))
        assert keeper.post(url, sent).status_code == 302

    def test_somebody_held_already_is_asked_about(self, areas: Map, keeper: Client) -> None:
        known = make_person("RED", (areas.palfrey, "2020-01-01", None))
        Person.objects.filter(pk=known.pk).update(date_of_birth=date(1980, 1, 1))
        make_nmo(areas.force, known, make_person("V"))
        url = self.begin(keeper).replace("numbers", "respondent")
        asked = keeper.post(url, self.person("RED"))
        assert "Select whether it is the same person" in text(asked)
        assert f"({areas.palfrey.name}" in text(asked), "their homes and orders are shown beside them"
        assert f"{known.parties.get().order.reference} (respondent)" in text(asked)
        assert keeper.post(url, self.person("RED") | {"same": str(known.public_id)}).status_code == 302

    @pytest.mark.parametrize(
        ("family", "given", "asked"),
        [("Clark", "Gavyn", True), ("CLARKE", "Tyrone", True), ("Clerk", "", True), ("Bailey", "Gavin", False),
         ("Clark", "Tyrone", False)],
    )  # fmt: skip
    def test_somebody_held_under_nearly_that_name_is_asked_about_too(
        self, areas: Map, keeper: Client, family: str, given: str, *, asked: bool
    ) -> None:
        known = make_person("CLARKE", (areas.palfrey, "2020-01-01", None))
        Person.objects.filter(pk=known.pk).update(date_of_birth=date(1974, 3, 3), given_names="Gavin")
        make_nmo(areas.force, known, make_person("V"))
        url = self.begin(keeper).replace("numbers", "respondent")
        sent = {"family_name": family, "given_names": given, **boxes("date_of_birth", date(1974, 3, 3))}
        page = keeper.post(url, sent)
        assert ("Select whether it is the same person" in text(page)) is asked

    def test_an_order_like_it_is_told_apart_first(self, areas: Map, keeper: Client) -> None:
        keeper.post(base := self.fill(keeper, areas), unseen(keeper.get(base)))
        Person.objects.update(date_of_birth=date(1990, 1, 1))
        base = self.fill(keeper, areas, reference="nmo 1")
        page = keeper.get(base)
        assert "The register holds an order like it" in text(page)
        assert keeper.post(base, unseen(page)).status_code == 400
        assert Order.objects.count() == 1
        assert keeper.post(base, unseen(page) | {"other": "other"}).status_code == 302
        assert Order.objects.count() == 2

    def test_only_pages_of_the_kind_are_asked(self, areas: Map, keeper: Client) -> None:
        notice = self.begin(keeper, "DVPN").rsplit("/", 1)[0]
        assert keeper.get(f"{notice}/notice").status_code == 404
        numbers = keeper.get(f"{notice}/numbers").content.decode()
        assert 'name="court"' not in numbers
