"""Help, accessibility and privacy: linked from the foot of every page, for whoever is signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from orders.models import Role
from tests.orders.build import make_map
from tests.pages.asking import signed_in, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_every_page_leads_to_them(role: Role) -> None:
    client, _ = signed_in(make_map(), role)
    for path, words in (("/help", "Do not rely on it for an arrest"), ("/accessibility", "axe-core"),
                        ("/privacy", "every look is recorded")):  # fmt: skip
        assert f'href="{path}"' in client.get("/account").content.decode()
        response = client.get(path)
        assert response.status_code == 200
        assert words in text(response)


def test_nobody_else_reads_them() -> None:
    assert Client().get("/help").status_code == 302
