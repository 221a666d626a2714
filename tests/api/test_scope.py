"""A token that is narrowed to an area reads nothing outside it, in lists and in counts."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.actions.by_hand import settle_residence
from orders.models import ApiToken, Area, AuditEntry, Order, Postcode, User
from tests.api.test_api import Caller
from tests.orders.build import Map, make_map, make_nmo, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


def narrowed(user: User, area: Area | None) -> Caller:
    caller = Caller(user)
    ApiToken.objects.filter(pk=caller.token.pk).update(area=area)
    return caller


def lived(areas: Map) -> dict[str, Order]:
    """Orders by where the perpetrator and the victim live."""
    homes = {
        "walsall": (areas.palfrey, areas.pleck),
        "coventry": (areas.foleshill, areas.radford),
        "both": (areas.palfrey, areas.foleshill),
    }
    return {
        name: make_nmo(
            areas.force,
            make_person(f"PERP {name}", (one, "2020-01-01", None)),
            make_person(f"VICTIM {name}", (other, "2020-01-01", None), secret=False),
            until=None,
        )
        for name, (one, other) in homes.items()
    }


def test_it_answers_of_its_own_area_and_what_lies_within(areas: Map) -> None:
    orders = lived(areas)
    caller = narrowed(make_user(areas.force), areas.walsall)
    for query, found in (
        ("", {"walsall", "both"}),
        ("area=WMP-WAL", {"walsall", "both"}),
        ("area=WMP-WAL-02", {"walsall"}),
    ):
        status, said = caller.get(query)
        assert status == 200
        assert {one["reference"] for one in said["results"]} == {orders[name].reference for name in found}
        assert said["count"] == said["live"] == len(found)


def test_nothing_is_said_of_where_else_somebody_lives(areas: Map) -> None:
    lived(areas)
    caller = narrowed(make_user(areas.force), areas.walsall)
    _, said = caller.get("role=perpetrator")
    named = {area["code"] for one in said["results"] for area in one["areas"]}
    assert named == {"WMP-WAL", "WMP-WAL-01", "WMP-WAL-02"}
    _, whole = narrowed(make_user(areas.force), None).get("area=WMP")
    assert {"WMP", "WMP-COV", "WMP-COV-01"} <= {area["code"] for one in whole["results"] for area in one["areas"]}


@pytest.mark.parametrize("asked", ["WMP", "WMP-COV", "WMP-COV-01", "STF"])
@pytest.mark.parametrize("by_post", [False, True])
def test_another_area_is_refused_by_name(areas: Map, asked: str, by_post: bool) -> None:
    lived(areas)
    caller = narrowed(make_user(areas.force), areas.walsall)
    status, said = caller.post(area=asked, name="perp") if by_post else caller.get(f"area={asked}")
    assert status == 403
    assert list(said) == ["errors"]
    assert "WMP-WAL and what lies within" in said["errors"]["area"][0]
    assert not AuditEntry.objects.filter(action="search by API").exists()


def test_a_name_is_looked_for_there_only(areas: Map) -> None:
    lived(areas)
    caller = narrowed(make_user(areas.force), areas.walsall)
    assert caller.post(name="coventry")[1]["count"] == 0
    assert caller.post(name="walsall")[1]["count"] == 1
    assert narrowed(make_user(areas.force), None).post(area="WMP", name="coventry")[1]["count"] == 1


def test_a_postcode_elsewhere_is_not_confirmed(areas: Map) -> None:
    people = []
    for name, hood, postcode in (("PERP", areas.palfrey, "WS1 1AA"), ("VICTIM", areas.foleshill, "CV9 9ZZ")):
        people.append(make_person(name))
        settle_residence(
            people[-1], from_on=date(2020, 1, 1), neighbourhood=hood, postcode=postcode, secret=False, by=None
        )
    make_nmo(areas.force, *people, until=None)
    Postcode.objects.create(postcode="CV99ZZ", neighbourhood=areas.foleshill)
    Postcode.objects.create(postcode="WS11AA", neighbourhood=areas.palfrey)
    assert narrowed(make_user(areas.force), None).post(area="WMP-WAL", postcode="CV9 9ZZ")[1]["count"] == 1
    caller = narrowed(make_user(areas.force), areas.walsall)
    for postcode in ("CV9 9ZZ", "CV1 1AA"):
        status, said = caller.post(postcode=postcode)
        assert (status, list(said["errors"])) == (400, ["postcode"])
    assert caller.post(postcode="WS1 1AA")[1]["count"] == 1


def test_a_blank_reference_is_refused_and_not_left_unread(areas: Map) -> None:
    lived(areas)
    caller = Caller(make_user(areas.force))
    for query in ("area=WMP&reference=", "area=WMP&reference=%20"):
        status, said = caller.get(query)
        assert (status, list(said["errors"])) == (400, ["reference"])


def test_a_restricted_order_is_never_confirmed_by_a_match(areas: Map) -> None:
    order = lived(areas)["walsall"]
    Order.objects.filter(pk=order.pk).update(restricted=True)
    caller = Caller(make_user(areas.force))
    _, said = caller.get("area=WMP-WAL")
    shown = next(one for one in said["results"] if one["reference"] == order.reference)
    assert (shown["perpetrator"], shown["areas"], shown["matched"]) == (None, [], None)
    assert (shown["in_force_from"], shown["in_force_until"]) == (None, None)
    assert shown["standing"] == "live"
    for name in ("perp walsall", "victim walsall", "walsall"):
        _, said = caller.post(area="WMP", name=name)
        assert (said["count"], said["live"], said["results"]) == (0, 0, [])


def issue(*arguments: Any, **options: Any) -> str:
    said = StringIO()
    call_command("issue_api_token", *arguments, stdout=said, **options)
    return said.getvalue().strip()


def test_a_token_is_issued_for_an_area(areas: Map) -> None:
    user = make_user(areas.force)
    text = issue(user.username, "--name", "Briefing board", "--area", "WMP-WAL", "--days", "30")
    token = ApiToken.objects.get(digest=ApiToken.digest_of(text))
    assert token.area == areas.walsall
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert AuditEntry.objects.get(action="issue API token").detail["area"] == "WMP-WAL"


@pytest.mark.parametrize(
    ("option", "value"), [("--area", "STF"), ("--area", "XXX"), ("--days", "0"), ("--days", "4000")]
)
def test_a_token_for_another_forces_area_or_for_ever_is_not_issued(areas: Map, option: str, value: str) -> None:
    with pytest.raises(CommandError):
        issue(make_user(areas.force).username, "--name", "x", option, value)
    assert not ApiToken.objects.exists()
