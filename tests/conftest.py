"""What every test has: no connection beyond this machine, and the bank holidays that the register ships."""

from __future__ import annotations

import pytest
from pytest_socket import socket_allow_hosts

from tests.as_application import django_db_modify_db_settings, django_db_setup  # noqa: F401 - as above
from tests.signed_in import _marked  # noqa: F401 - a fixture for every test


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first, so that at the end no process waits long for another."""
    long = {item.path for item in items if item.get_closest_marker("long") or item.get_closest_marker("journey")}
    items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Allow connections to this machine only; PostgreSQL and the broker are reached by Unix sockets."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
