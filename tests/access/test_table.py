"""The table of who may do what: every address has a rule, and what is written of it is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views import View

from orders.access.allowed import RULES, Scope
from orders.access.permissions import Action, export_rows, may
from orders.models import Area, Order, Role, User
from orders.views.access import needs_of, permitted
from tests.access.addresses import addresses

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security" / "access.md"

WITHOUT_A_RULE = {
    "admin:login": "leads to the sign-in page; nothing of the register is on it",
}


def holder(*roles: Role, **fields: object) -> User:
    return User(username="somebody", roles=[role.value for role in roles], **fields)


def test_every_address_has_a_rule() -> None:
    found = addresses()
    assert len(found) > 40
    without = {address.name for address in found if needs_of(address.view) is None}
    assert without == set(WITHOUT_A_RULE), "give these a rule: orders.views.access.permitted"


def test_every_rule_of_an_address_is_an_action() -> None:
    for address in addresses():
        if address.name in WITHOUT_A_RULE:
            continue
        needs = needs_of(address.view)
        assert needs is not None
        assert "" in needs
        assert all(isinstance(action, Action) for action in needs.values()), address.name


def test_only_what_is_named_here_is_open_to_the_public() -> None:
    public = {address.name for address in addresses() if (needs_of(address.view) or {}).get("") is Action.PUBLIC}
    assert public == {
        "signin:sign-in", "signin:code", "signin:passkey-sign-in", "signin:passkey-options", "signin:to-provider",
        "signin:provider-return", "signin:sign-out", "signin:back-channel", "signin:front-channel",
        "health", "health-imports", "notifications:health",
    }  # fmt: skip


def test_every_action_has_a_rule_and_one_only_for_the_public_has_no_roles() -> None:
    assert set(RULES) == set(Action)
    assert {action for action, rule in RULES.items() if rule.roles is None} == {Action.PUBLIC, Action.ACCOUNT}


def test_the_document_shows_this_table() -> None:
    lines = ["| to … | of | " + " | ".join(role.label for role in Role) + " |", "|---|---|" + "---|" * len(Role)]
    for action, rule in RULES.items():
        ticks = ["yes" if rule.roles is None or role in rule.roles else "" for role in Role]
        also = ", if the account says so" if rule.personal else ""
        lines.append(f"| {rule.words}{also} (`{action.name}`) | {rule.scope.value} | {' | '.join(ticks)} |")
    table = "\n".join(lines)
    assert table in DOCUMENT.read_text(), f"docs/security/access.md should hold:\n{table}"


@pytest.mark.parametrize("action", Action)
def test_who_is_signed_out_or_closed_may_do_what_the_public_may(action: Action) -> None:
    everybody = RULES[action].scope is Scope.ANYONE
    assert may(AnonymousUser(), action) is everybody
    assert may(holder(*Role, is_active=False, may_see_secret_places=True), action) is everybody


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says_and_nothing_else(role: Role) -> None:
    for action, rule in RULES.items():
        expected = rule.roles is None or role in rule.roles
        assert may(holder(role, may_see_secret_places=True), action) is expected, action
        if rule.personal:
            assert not may(holder(role), action)


def test_what_one_s_force_owns_is_no_other_force_s() -> None:
    user = holder(Role.CIVIL_ORDERS_TEAM, force=Area(pk=1))
    assert may(user, Action.RECORD, Order(owner_force_id=1))
    assert not may(user, Action.RECORD, Order(owner_force_id=2))
    assert may(user, Action.OPEN_ORDER, Order(owner_force_id=2))


def test_of_several_roles_the_largest_export_counts() -> None:
    assert export_rows(holder(Role.AUDITOR)) == 0
    assert export_rows(holder(Role.VIEWER)) < export_rows(holder(Role.VIEWER, Role.SUPERVISOR))


class TestTheDecorator:
    def request(self, method: str, *roles: Role) -> HttpRequest:
        request = RequestFactory().generic(method, "/")
        request.user = holder(*roles)
        return request

    def test_it_refuses_by_method_and_says_why(self) -> None:
        @permitted(Action.EMAILS_WATCH, post=Action.EMAILS_RESEND)
        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse("shown")

        assert view(self.request("GET", Role.VIEWER)).content == b"shown"
        with pytest.raises(PermissionDenied, match="do not let you send an email again"):
            view(self.request("POST", Role.VIEWER))
        assert view(self.request("POST", Role.CIVIL_ORDERS_TEAM)).content == b"shown"
        assert needs_of(view) == {"": Action.EMAILS_WATCH, "POST": Action.EMAILS_RESEND}

    def test_a_class_of_views_has_it_too(self) -> None:
        class Page(View):
            def get(self, request: HttpRequest) -> HttpResponse:
                return HttpResponse("shown")

        view = permitted(Action.AUDIT).on_class(Page).as_view()
        assert needs_of(view) == {"": Action.AUDIT}
        assert view(self.request("GET", Role.AUDITOR)).content == b"shown"
        with pytest.raises(PermissionDenied):
            view(self.request("GET", Role.VIEWER))

    def test_a_view_without_it_is_found(self) -> None:
        def view(request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        assert needs_of(view) is None
