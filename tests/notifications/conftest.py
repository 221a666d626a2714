"""A real SMTP server that can be told how to answer, and a small register with mailboxes."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from notifications.models import Mailbox
from tests.faults.server import Caught, Server
from tests.orders.build import Map, make_map


@pytest.fixture
def smtp(settings: Settings) -> Caught:  # type: ignore[misc]  # a generator fixture
    """The server; the register's mail goes to it."""
    with Server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT, settings.EMAIL_MESSAGE_SECONDS = 3, 5
        yield server.caught


@pytest.fixture
def areas(db: None) -> Map:
    """Two local policing areas with a mailbox each."""
    areas = make_map()
    for area, name in ((areas.walsall, "walsall"), (areas.coventry, "coventry")):
        Mailbox.objects.create(area=area, address=f"{name}@lpa.demo.invalid")
    return areas
