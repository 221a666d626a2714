"""The mail server is spoken to over TLS that holds, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme
from pytest_django import Settings

from notifications.models import Delivery
from tests.faults.server import Server
from tests.notifications.test_delivery import again, send_all
from tests.orders.build import Map

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def listening(authority: trustme.CA, name: str, folder: Path, settings: Settings) -> Server:
    """A server that offers STARTTLS with a certificate for a name."""
    certificate = folder / "server.pem"
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(certificate))
    server = Server(certificate=certificate)
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", server.port, True
    return server


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    areas: Map, authority: trustme.CA, tmp_path: Path, settings: Settings
) -> None:
    with listening(authority, "localhost", tmp_path, settings) as server:
        assert send_all() == ["queued"]
        assert server.caught.messages == []
        assert "CERTIFICATE_VERIFY_FAILED" in Delivery.objects.get(attempts=1).answer
        settings.EMAIL_CA_FILE = str(tmp_path / "authority.pem")
        authority.cert_pem.write_to_path(settings.EMAIL_CA_FILE)
        assert again() == ["sent", "sent"]
        assert len(server.caught.messages) == 2


def test_a_certificate_for_another_name_is_not_accepted(
    areas: Map, authority: trustme.CA, tmp_path: Path, settings: Settings
) -> None:
    with listening(authority, "somewhere.else.example", tmp_path, settings) as server:
        settings.EMAIL_CA_FILE = str(tmp_path / "authority.pem")
        authority.cert_pem.write_to_path(settings.EMAIL_CA_FILE)
        assert send_all() == ["queued"]
        assert server.caught.messages == []


def test_a_server_that_offers_no_tls_is_not_spoken_to(areas: Map, settings: Settings) -> None:
    with Server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", server.port, True
        assert send_all() == ["queued"]
        assert server.caught.messages == []
