"""The menu offers what one may open, and nothing else."""

from __future__ import annotations

import re

import pytest

from orders.models import Role
from tests.orders.build import Map, make_map
from tests.pages.asking import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> Map:
    return make_map()


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_menu_opens_for_whom_it_is_offered_to(areas: Map, role: Role) -> None:
    client, _ = signed_in(areas, role)
    first = client.get("/account", follow=True).content.decode()
    offered = re.findall(r'class="govuk-service-navigation__link" href="([^"]+)"', first)[1:]
    assert len(offered) >= 2
    for address in offered:
        assert client.get(address, follow=True).status_code == 200, address
    assert ("/search" in offered) is (role not in (Role.AUDITOR, Role.ADMINISTRATOR))
    assert ("/audit" in offered) is (role is Role.AUDITOR)
    assert ("/imports" in offered) is (role is Role.CIVIL_ORDERS_TEAM)
    assert ("/retention" in offered) is (role is Role.CIVIL_ORDERS_TEAM)
    assert ("/interventions" in offered) is (role in (Role.CIVIL_ORDERS_TEAM, Role.SUPERVISOR))
    assert ("/subscriptions" in offered) is (role not in (Role.AUDITOR, Role.ADMINISTRATOR))
