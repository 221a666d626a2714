"""Everything that can be done in the register, how far it reaches, and which roles allow it: one table.

Pages, the API, exports, emails and the administration ask `permissions.may`, which reads this table; every address of
the site names its action (`orders.views.access.permitted`), and a test finds those that do not. The same table is
printed in docs/security/access.md, and a test compares the two.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from orders.models import Role


class Scope(Enum):
    """Of what an action may be done by those whose role allows it."""

    ANYONE = "anybody, signed in or not"
    OWN = "one's own account and what one has stored"
    REFERENCE = "reference data and accounts, which describe nobody in an order"
    VISIBLE = "orders that one's force owns or that are placed in it"
    FORCE = "what one's force owns"


class Action(Enum):
    """What can be done."""

    PUBLIC = auto()
    ACCOUNT = auto()
    SEARCH = auto()
    OPEN_ORDER = auto()
    SEE_SECRET_PLACES = auto()
    WORKLISTS = auto()
    FIGURES = auto()
    EXPORT = auto()
    SAVED_SEARCHES = auto()
    API = auto()
    DOCUMENTS_READ = auto()
    DOCUMENTS_ADD = auto()
    RECORD = auto()
    CORRECT = auto()
    MERGE = auto()
    RESTRICT = auto()
    IMPORT = auto()
    REVIEWS = auto()
    INTERVENTIONS = auto()
    RETENTION = auto()
    EMAILS_WATCH = auto()
    EMAILS_READ = auto()
    EMAILS_RESEND = auto()
    EMAILS_MANAGE = auto()
    WHO_LOOKED = auto()
    AUDIT = auto()
    AUDIT_SAMPLE = auto()
    ADMINISTRATION = auto()
    REFERENCE_DATA = auto()
    USERS = auto()
    API_TOKENS = auto()


class Rule(NamedTuple):
    """What an action is in words ("to ..."), how far it reaches and who may do it.

    `roles` None is everybody who is signed in. `personal` is the field of the user that must be set besides.
    """

    words: str
    scope: Scope
    roles: frozenset[Role] | None = None
    personal: str = ""


_VIEWER, _SUPERVISOR, _TEAM = Role.VIEWER, Role.SUPERVISOR, Role.CIVIL_ORDERS_TEAM
_READERS = frozenset({_VIEWER, _SUPERVISOR, _TEAM})
_KEEPERS = frozenset({_TEAM})
_LEADERS = frozenset({_SUPERVISOR, _TEAM})
_AUDITORS = frozenset({Role.AUDITOR})
_ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

RULES: dict[Action, Rule] = {
    Action.PUBLIC: Rule("sign in, or ask whether the register works", Scope.ANYONE),
    Action.ACCOUNT: Rule("see the first page and look after one's own account", Scope.OWN),
    Action.SEARCH: Rule("search, and look at areas", Scope.VISIBLE, _READERS),
    Action.OPEN_ORDER: Rule("open an order or a person", Scope.VISIBLE, _READERS),
    Action.SEE_SECRET_PLACES: Rule("open a secret address", Scope.VISIBLE, _READERS, "may_see_secret_places"),
    Action.WORKLISTS: Rule("see what needs doing", Scope.VISIBLE, _READERS),
    Action.FIGURES: Rule("see figures and charts", Scope.VISIBLE, _READERS),
    Action.EXPORT: Rule("export what a search finds", Scope.VISIBLE, _READERS),
    Action.SAVED_SEARCHES: Rule("save searches and be told of changes", Scope.OWN, _READERS),
    Action.API: Rule("ask by the API", Scope.VISIBLE, _READERS),
    Action.DOCUMENTS_READ: Rule("read an order's documents", Scope.VISIBLE, _READERS),
    Action.DOCUMENTS_ADD: Rule("add documents to an order", Scope.FORCE, _KEEPERS),
    Action.RECORD: Rule("enter orders and record what happened to them", Scope.FORCE, _KEEPERS),
    Action.CORRECT: Rule("correct what is recorded", Scope.FORCE, _KEEPERS),
    Action.MERGE: Rule("say that two records are of one person or one order", Scope.FORCE, _KEEPERS),
    Action.RESTRICT: Rule("restrict an order", Scope.FORCE, _KEEPERS),
    Action.IMPORT: Rule("import an extract", Scope.FORCE, _KEEPERS),
    Action.REVIEWS: Rule("record reviews", Scope.FORCE, _LEADERS),
    Action.INTERVENTIONS: Rule("see and record civil interventions", Scope.FORCE, _LEADERS),
    Action.RETENTION: Rule("decide what is kept and what is erased", Scope.FORCE, _KEEPERS),
    Action.EMAILS_WATCH: Rule(
        "see what became of the daily emails", Scope.FORCE, _READERS | _AUDITORS | _ADMINISTRATORS
    ),
    Action.EMAILS_READ: Rule("read what the daily emails say", Scope.FORCE, _READERS),
    Action.EMAILS_RESEND: Rule("send an email again", Scope.FORCE, _KEEPERS | _ADMINISTRATORS),
    Action.EMAILS_MANAGE: Rule("keep the mailboxes", Scope.FORCE, _ADMINISTRATORS),
    Action.WHO_LOOKED: Rule("see who looked at an order", Scope.FORCE, _KEEPERS | _AUDITORS),
    Action.AUDIT: Rule("search the log", Scope.FORCE, _AUDITORS),
    Action.AUDIT_SAMPLE: Rule("review looks drawn by lot", Scope.FORCE, _AUDITORS | {_SUPERVISOR}),
    Action.ADMINISTRATION: Rule("open the administration pages", Scope.REFERENCE, _ADMINISTRATORS),
    Action.REFERENCE_DATA: Rule("keep areas, postcodes and bank holidays", Scope.REFERENCE, _ADMINISTRATORS),
    Action.USERS: Rule("keep accounts and roles", Scope.REFERENCE, _ADMINISTRATORS),
    Action.API_TOKENS: Rule("revoke API tokens", Scope.REFERENCE, _ADMINISTRATORS),
}

EXPORT_ROWS: dict[Role, int] = {Role.VIEWER: 1_000, Role.SUPERVISOR: 10_000, Role.CIVIL_ORDERS_TEAM: 50_000}
"""How many rows an export may have, by role; of several roles the largest."""
