"""The pages of the civil orders team: what is asked, what is refused, and who may not."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from orders.access.sealing import unseal
from orders.actions.adopting import adopt
from orders.actions.by_hand import NewOrder, record_event, register, retract_event
from orders.actions.merging import merge
from orders.forms.happened import can_happen
from orders.models import Adoption, Event, Merge, Order, Person, Recording, Residence, Role, SentForm
from orders.record.storing import NewPerson
from orders.statute import KINDS
from orders.statute import Event as StatuteEvent
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user
from tests.pages.asking import order_of, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.fixture
def keeper(areas: Map) -> Client:
    return signed_in(areas, Role.CIVIL_ORDERS_TEAM)[0]


def boxes(name: str, when: object) -> dict[str, str]:
    local = timezone.localtime(when) if hasattr(when, "hour") else when  # type: ignore[arg-type] # an instant
    found = {f"{name}_day": str(local.day), f"{name}_month": str(local.month), f"{name}_year": str(local.year)}  # type: ignore[attr-defined]
    return found | ({f"{name}_time": f"{local:%H:%M}"} if hasattr(local, "hour") else {})


def unseen(page: object) -> dict[str, str]:
    content = page.content.decode()  # type: ignore[attr-defined]
    names = ("key", "version", "seen_at")
    return {
        name: found[1] for name in names if (found := re.search(rf'name="{name}" value="([^"]*)"', content)) is not None
    }


def answers(page: object) -> dict[str, str]:
    """What a page that is checked before something is done shows as the answer to each question."""
    content = page.content.decode()  # type: ignore[attr-defined]
    rows = re.findall(r'__key">([^<]*)</dt>\s*<dd class="govuk-summary-list__value">(.*?)</dd>', content, re.DOTALL)
    return {unescape(key): unescape(value) for key, value in rows}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_thing_that_can_happen_to_a_kind_has_its_page(areas: Map, keeper: Client, kind: str) -> None:
    order = order_of(areas)
    Order.objects.filter(pk=order.pk).update(kind=kind)
    listed = text(keeper.get(f"/orders/{order.public_id}/record"))
    for one in can_happen(kind):
        assert one.title in listed
        page = keeper.get(f"/orders/{order.public_id}/record/{one.slug}")
        assert page.status_code == 200, one.slug
    assert keeper.get(f"/orders/{order.public_id}/record/nothing").status_code == 404
    varied = keeper.get(f"/orders/{order.public_id}/vary").status_code
    assert varied == (200 if KINDS[kind].can_vary else 404)


def test_a_breach_is_asked_checked_recorded_once_and_led_on(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/record/breached"
    sent = {
        **unseen(keeper.get(url)), **boxes("at", timezone.now() - timedelta(hours=2)), "by": "20/1/26",
        "text": "Rang her.", "arrest": "no", "not_arrested": "Not found.",
    }  # fmt: skip
    checked = keeper.post(url, sent)
    assert "What follows" in text(checked)
    assert answers(checked)["Crime reference"] == "20/1/26"
    assert answers(checked)["What happened"] == "Rang her."
    assert not Event.objects.filter(kind="BREACHED").exists()
    done = keeper.post(url, sent | {"step": "confirm"})
    assert done.status_code == 302
    again = keeper.post(url, sent | {"step": "confirm"})
    assert again.headers["Location"] == done.headers["Location"]
    event = Event.objects.get(kind="BREACHED")
    assert unseal([event.text]) == ["Rang her. Not arrested: Not found."]
    assert SentForm.objects.count() == 1
    assert "Breached" in text(keeper.get(done.headers["Location"]))


def test_what_was_typed_is_kept_with_what_is_wrong(areas: Map, keeper: Client) -> None:
    url = f"/orders/{order_of(areas).public_id}/record/breached"
    page = keeper.post(
        url, {"key": str(uuid.uuid4()), "at_day": "31", "at_month": "2", "at_year": "2026", "text": "Odd <b>"}
    )
    assert page.status_code == 400
    content = page.content.decode()
    assert "<title>\n" not in content
    assert "Error: Breached" in content
    assert "When must be a real date" in text(page)
    assert "Odd &lt;b&gt;" in content
    assert 'value="31"' in content
    assert "Select whether they were arrested" in text(page)


def test_who_comes_second_decides(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/record/attempted"
    sent = {**unseen(keeper.get(url)), **boxes("at", timezone.now() - timedelta(hours=1)), "text": "Out"}
    sent["by"] = "PC 7 Singh"
    other = {**sent, **unseen(keeper.get(url)), "text": "Also out"}
    assert keeper.post(url, other | {"step": "confirm"}).status_code == 302
    told = keeper.post(url, sent | {"step": "confirm"})
    assert told.status_code == 409
    assert "Somebody else changed this order meanwhile" in text(told)
    assert "Service attempted" in text(told)
    assert "PC 7 Singh" in text(told)
    assert "v1." not in told.content.decode(), "no sealed words on a page"
    fresh = unseen(told)
    assert fresh["key"] == sent["key"]
    assert fresh["version"] != sent["version"]
    assert keeper.post(url, sent | fresh | {"step": "confirm"}).status_code == 302
    assert Event.objects.filter(kind="ATTEMPTED").count() == 2


def test_an_event_is_put_right_with_a_reason(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    made = order.events.get()
    url = f"/orders/{order.public_id}/events/{made.pk}"
    page = keeper.get(url)
    assert "Recorded now: Made" in text(page)
    right = timezone.localtime() - timedelta(days=4)
    sent = {
        **unseen(page), **boxes("at", right), **boxes("until", date(2028, 1, 1)), "until_time": "", "what": "right",
        "by": "", "text": "",
    }  # fmt: skip
    assert "Say why" in text(keeper.post(url, sent))
    sent["reason"] = "misread"
    assert "What follows" in text(keeper.post(url, sent))
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    assert [event.kind for event in order.events.order_by("pk")] == ["MADE", "RETRACTED", "MADE"]
    assert keeper.get(url).status_code == 404
    history = text(keeper.get(f"/orders/{order.public_id}/history"))
    assert "Recorded in error : misread" in history
    assert "taken back" in history


def test_a_heading_is_put_right(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/heading"
    told = {"reference": order.reference, "kind": "NMO", "without_notice": "", "reason": "typing"}
    assert "Nothing is changed" in text(keeper.post(url, unseen(keeper.get(url)) | told))
    sent = unseen(keeper.get(url)) | told | {"court": "Invented Family Court"}
    assert "nothing becomes Invented Family Court" in text(keeper.post(url, sent))
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    order.refresh_from_db()
    assert order.court == "Invented Family Court"
    assert "There is no such order" in text(keeper.post(url, sent | {"follows": "XX/1"}))


def test_restricting_and_opening(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/restrict"
    sent = unseen(keeper.get(url)) | {"reason": "member of staff"}
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    order.refresh_from_db()
    assert order.restricted


def test_a_variation_ends_and_begins_conditions(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    url = f"/orders/{order.public_id}/vary"
    sent = unseen(keeper.get(url)) | boxes("at", timezone.now() - timedelta(hours=3)) | {"ends": "same"}
    assert "Nothing is changed" in text(keeper.post(url, sent))
    assert "Select what the condition is about" in text(keeper.post(url, sent | {"text_1": "Must not go there."}))
    sent |= {"text_1": "Must not go there.", "about_1": "D"}
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    assert unseal([order.conditions.get().text]) == ["Must not go there."]


def test_a_move_says_which_areas_are_told(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    person = order.parties.get(role="perpetrator").person
    url = f"/people/{person.public_id}/move"
    sent = unseen(keeper.get(url)) | boxes("from_on", timezone.localdate()) | {
        "status": "home", "address": "9 Invented Street", "neighbourhood": str(areas.radford.pk), "withheld": "N",
    }  # fmt: skip
    page = text(keeper.post(url, sent))
    assert f"{areas.walsall.name} is told" in page
    assert f"{areas.coventry.name} is told" in page
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    assert Residence.objects.get(person=person, superseded=None, to_on=None).neighbourhood == areas.radford


def test_people_are_compared_merged_and_made_two_again(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    one = order.parties.get(role="perpetrator").person
    two = make_person("RESPONDENT", (areas.palfrey, "2020-01-01", None))
    Person.objects.filter(pk__in=[one.pk, two.pk]).update(date_of_birth=date(1980, 1, 1))
    make_nmo(areas.force, two, make_person("V"))
    assert "Compare" in text(keeper.get(f"/people/{one.public_id}"))
    url = f"/people/{one.public_id}/same-as/{two.public_id}"
    page = keeper.get(url)
    assert "Side by side" in text(page)
    assert keeper.post(url, unseen(page) | {"same": "yes", "reason": "same PNC ID"}).status_code == 302
    merged = Merge.objects.get()
    assert keeper.get(f"/people/{two.public_id}").headers["Location"] == f"/people/{one.public_id}"
    assert "They are two people after all" in text(keeper.get(f"/people/{one.public_id}"))
    url = f"/people/{one.public_id}/merges/{merged.pk}"
    assert keeper.post(url, unseen(keeper.get(url)) | {"reason": "twins"}).status_code == 302
    url = f"/people/{one.public_id}/same-as/{two.public_id}"
    assert keeper.post(url, unseen(keeper.get(url)) | {"same": "no", "reason": "twins"}).status_code == 302
    assert "May be the same person" not in text(keeper.get(f"/people/{one.public_id}"))


def test_people_who_differ_are_made_one_only_after_a_look_at_how(areas: Map, keeper: Client) -> None:
    one, two = order_of(areas).parties.get(role="perpetrator").person, make_person("BROWN")
    make_nmo(areas.force, two, make_person("V"))
    Person.objects.filter(pk=one.pk).update(sex="F", date_of_birth=date(1980, 1, 1))
    Person.objects.filter(pk=two.pk).update(sex="M", date_of_birth=date(1980, 1, 1))
    url = f"/people/{one.public_id}/same-as/{two.public_id}"
    page = keeper.get(url)
    assert "The sex is recorded as Female and as Male." in text(page)
    sent = unseen(page) | {"same": "yes", "reason": "same PNC ID"}
    checked = keeper.post(url, sent)
    assert checked.status_code == 200
    assert "The sex is recorded as Female and as Male." in text(checked)
    assert not Merge.objects.exists()
    assert keeper.post(url, sent | {"step": "confirm"}).status_code == 302
    assert Merge.objects.exists()


def test_a_move_that_ends_before_it_begins_is_refused_beside_its_end(areas: Map, keeper: Client) -> None:
    person = order_of(areas).parties.get(role="perpetrator").person
    url = f"/people/{person.public_id}/move"
    today = timezone.localdate()
    sent = unseen(keeper.get(url)) | boxes("from_on", today) | boxes("to_on", today) | {
        "status": "home", "address": "9 Invented Street", "neighbourhood": str(areas.radford.pk), "withheld": "N",
    }  # fmt: skip
    page = keeper.post(url, sent)
    assert page.context["form"].errors.keys() == {"to_on"}
    assert "The day they leave must be after the day from which they live there" in text(page)


def test_an_imported_double_is_proposed_compared_and_adopted(areas: Map, keeper: Client) -> None:
    entered = order_of(areas)
    imported = order_of(areas)
    Order.objects.filter(pk=imported.pk).update(
        source="connect-wmp", reference=entered.reference.replace("/", "-").lower()
    )
    assert "May be the same order" in text(keeper.get(f"/orders/{entered.public_id}"))
    url = f"/orders/{entered.public_id}/same-as/{imported.public_id}"
    page = keeper.get(url)
    assert "Entered by hand" in text(page)
    assert keeper.post(url, unseen(page) | {"same": "yes", "reason": "same seal", "word": "source"}).status_code == 302
    led = keeper.get(f"/orders/{entered.public_id}")
    assert led.headers["Location"] == f"/orders/{imported.public_id}"


def test_an_adoption_is_told_in_the_history_and_undone_there(areas: Map, keeper: Client) -> None:
    entered, imported = order_of(areas), order_of(areas)
    Order.objects.filter(pk=imported.pk).update(source="connect-wmp", reference=entered.reference)
    imported.refresh_from_db()
    adopt(entered, imported, word="source", by=None, reason="same seal")
    history = f"/orders/{imported.public_id}/history"
    known_at = timezone.localtime().replace(tzinfo=None).isoformat()
    page = keeper.get(history)
    assert f"{entered.reference}, entered by hand, was found to be" in text(page)
    assert "same seal" in text(page)
    assert "They are two orders after all" not in text(signed_in(areas)[0].get(history))
    url = f"/orders/{imported.public_id}/adoptions/{Adoption.objects.get().pk}"
    assert f'href="{url}"' in page.content.decode()
    for nobody in (signed_in(areas)[0], signed_in(areas, Role.AUDITOR)[0]):
        assert nobody.post(url, {"reason": "no"}).status_code == 403
    page = keeper.get(url)
    assert "<h1" in page.content.decode()
    assert "They are two orders after all Each tells again what it told before." in text(page)
    missing = keeper.post(url, unseen(page))
    assert missing.status_code == 400
    record_event(imported, StatuteEvent("BREACHED", timezone.now() - timedelta(hours=1)), by=None)
    page = keeper.get(url)
    refused = keeper.post(url, unseen(page) | {"reason": "two seals"})
    assert "Breached was recorded since" in text(refused)
    assert Adoption.objects.get().undone is None
    retract_event(imported.events.get(kind="BREACHED"), by=None, reason="of the other")
    sent = unseen(keeper.get(url)) | {"reason": "two seals"}
    for _ in range(2):
        assert keeper.post(url, sent).headers["Location"] == history
    assert Recording.objects.filter(action="undo adoption").count() == 1
    for order in (entered, imported):
        shown = text(keeper.get(f"/orders/{order.public_id}/history"))
        assert "two seals" in shown
        assert "They are two orders after all :" not in shown
    assert "two seals" not in text(keeper.get(f"{history}?known_at={known_at}"))
    assert "May be the same order" in text(keeper.get(f"/orders/{entered.public_id}"))
    assert keeper.get(url).status_code == 404


@pytest.mark.parametrize("path", ["record", "record/served", "heading", "restrict", "vary"])
def test_only_the_team_of_the_owning_force_gets_the_pages(areas: Map, path: str) -> None:
    order = order_of(areas)
    viewer, _ = signed_in(areas)
    assert viewer.get(f"/orders/{order.public_id}/{path}").status_code == 403
    assert "Record" not in text(viewer.get(f"/orders/{order.public_id}")).replace("recorded", "")
    other = Client()
    other.force_login(make_user(areas.next_force, Role.CIVIL_ORDERS_TEAM))
    assert other.get(f"/orders/{order.public_id}/{path}").status_code == 404


def test_a_merge_of_people_shows_who_did_it(areas: Map, keeper: Client) -> None:
    order = order_of(areas)
    one, two = order.parties.get(role="perpetrator").person, make_person("OTHER")
    merge(one, two, by=None, reason="same PNC ID")
    assert "Made one with the record of OTHER" in text(keeper.get(f"/people/{one.public_id}"))
    undo = text(keeper.get(f"/people/{one.public_id}/merges/{Merge.objects.get().pk}"))
    assert "They are two people after all The orders and homes that came from the other go back to it" in undo


def test_the_page_of_an_order_against_somebody_too_young_says_so(areas: Map, keeper: Client) -> None:
    authorised = StatuteEvent("AUTHORISED", timezone.now() - timedelta(hours=2))
    young = NewPerson("RED", date_of_birth=date(timezone.localdate().year - 17, 1, 1))
    new = NewOrder("DVPN", "DVPN/1", areas.force, young, [NewPerson("GREEN")], events=[authorised])
    url = f"/orders/{register(new, by=None).public_id}"
    assert "Check: A DVPN binds only somebody aged 18 or over (Crime and Security Act 2010 s.24(2))" in text(
        keeper.get(url)
    )
    before = (timezone.localtime() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert "aged 18 or over" not in text(keeper.get(f"{url}?at={before}"))
