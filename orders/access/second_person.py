"""The permission to open secret addresses: one administrator asks for it, another gives it.

NIST SP 800-53 AC-5 (separation of duties) and AC-3(2) (dual authorization): whoever could give it alone could give it
to themself by an account of their own making.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from orders.access import audit
from orders.models import AuditEntry, Category, Role, User

SETTLED = timedelta(days=7)
"""For so long after somebody else has last had a hand in an administrator's account it cannot be the second."""

ASKED, TAKEN, WITHDRAWN = "asked for", "taken", "no longer asked for"
_HANDS = frozenset({"roles", "is_active", "password", "username", "email"})


def waits(account: User) -> bool:
    """Whether the permission was asked for and nobody has answered yet."""
    return account.secret_places_asked_at is not None


def ask(account: User, *, wanted: bool, by: User) -> str:
    """Set, unsaved, what an administrator wants of the permission; taking it needs nobody else.

    Returns what that comes to, for the log: `ASKED`, `TAKEN`, `WITHDRAWN`, or nothing if all stays as it was.
    """
    if wanted and not account.may_see_secret_places and not waits(account):
        account.secret_places_asked_by, account.secret_places_asked_at = by, timezone.now()
        return ASKED
    if wanted or not (account.may_see_secret_places or waits(account)):
        return ""
    said = TAKEN if account.may_see_secret_places else WITHDRAWN
    account.may_see_secret_places = False
    account.secret_places_asked_by = account.secret_places_asked_at = None
    return said


def decide(account: User, *, by: User, give: bool, address: str | None) -> str:
    """Give or refuse the permission as the second administrator, recorded; returns what stands against it, if any."""
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=account.pk)
        asker = held.secret_places_asked_by
        if not waits(held) or asker is None:
            return "Nobody asks for this permission any more: look at the list of accounts"
        if by in (held, asker):
            return "A second administrator must answer this: neither who asked for it nor whose account it is"
        if not by.has_role(Role.ADMINISTRATOR):
            return "Only administrators give this permission"
        if give and _lately_changed(by):
            return (
                f"Another administrator opened or changed your account within the last {SETTLED.days} days (roles, "
                "password, email or name), so you cannot be the second yet. Ask an administrator of longer standing"
            )
        held.may_see_secret_places = give
        held.secret_places_asked_by = held.secret_places_asked_at = None
        held.save(update_fields=["may_see_secret_places", "secret_places_asked_by", "secret_places_asked_at"])
        audit.record(
            by=by, category=Category.ALTERATION, address=address, action="change user",
            detail={
                "user": held.username, "fields": ["may_see_secret_places"],
                "secret addresses": "given" if give else "refused", "asked for by": asker.username,
            },
        )  # fmt: skip
    return ""


def _lately_changed(account: User) -> bool:
    """Whether somebody else opened the account, or changed by what it is entered, within `SETTLED`."""
    entries = AuditEntry.objects.filter(
        action__in=["add user", "change user", "take second factor away"], at__gte=timezone.now() - SETTLED,
        detail__user=account.username,
    ).exclude(user=account)  # fmt: skip
    return any(
        entry.action != "change user" or _HANDS & set(entry.detail.get("fields", ())) for entry in entries.iterator()
    )
