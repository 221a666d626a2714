"""A real Chromium on a real server over the sample extract."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from orders.imports.loader import load
from orders.models import Area, Order, Role, User
from tests.imports.bundles import SAMPLE

PASSWORD = "for the journey"


@pytest.fixture(scope="package")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """The browser that `bin/test` found. Without one the tests fail: they never skip."""
    path = os.environ.get("BROWSER_PATH")
    if not path:
        pytest.fail("There is no browser to test in. Run the tests with bin/test, which finds or installs one.")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
        # While the browser runs, an event loop does, and Django keeps other connections for it.
        connections.close_all()


@pytest.fixture
def register(transactional_db: None) -> None:
    """The areas, the sample extract and a supervisor in Walsall."""
    call_command("load_areas", stdout=io.StringIO())
    assert load(SAMPLE, commit=True).orders.new == 12
    # As long as real references are, so that a table that is too wide shows.
    Order.objects.filter(source_ref="CN-100008").update(reference="NMO/2026/0298/WALSALL-BENTLEY")
    areas = {area.code: area for area in Area.objects.filter(code__in=["WMP", "WMP-WAL"])}
    User.objects.create_user(
        "supervisor", PASSWORD, roles=[Role.VIEWER.value], force=areas["WMP"], home_area=areas["WMP-WAL"]
    )


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, register: None) -> Iterator[Callable[..., Page]]:
    """Open a page at the start, in a context of its own: at the sign-in, or with a session of a user."""
    contexts: list[BrowserContext] = []

    def opened(*, width: int = 1280, scheme: str = "light", scripts: bool = True, user: User | None = None) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto("/")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a page as the supervisor. Signing in by its form is a journey of its own."""

    def opened(**options: object) -> Page:
        return open_page(user=User.objects.get(username="supervisor"), **options)

    return opened
