"""Who gets which of these pages: searchers, auditors and administrators see states; words only who may see orders."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from notifications.models import Delivery, Mailbox
from orders import permissions
from orders.models import Area, Level, User
from orders.views.access import user_of


def watcher(request: HttpRequest) -> User:
    """A user who may see what became of emails. Raises PermissionDenied."""
    user = user_of(request)
    may = permissions.may_search(user) or permissions.may_audit(user) or permissions.may_administer(user)
    if not may or user.force_id is None:
        raise PermissionDenied
    return user


def reader(request: HttpRequest) -> User:
    """A user who may read what emails say. Raises PermissionDenied."""
    user = watcher(request)
    if not permissions.may_search(user):
        raise PermissionDenied
    return user


def keeper(request: HttpRequest) -> User:
    """A user who keeps mailboxes. Raises PermissionDenied."""
    user = watcher(request)
    if not permissions.may_administer(user):
        raise PermissionDenied
    return user


def may_resend(user: User) -> bool:
    """The civil orders team and administrators send an email again, with a reason."""
    return permissions.may_manage(user) or permissions.may_administer(user)


def deliveries(user: User) -> QuerySet[Delivery]:
    """Those to the areas of the user's force."""
    return Delivery.objects.filter(area__force_id=user.force_id).select_related("run", "area", "letter", "asked_by")


def mailboxes(user: User) -> QuerySet[Mailbox]:
    """Those of the user's force."""
    return Mailbox.objects.filter(area__force_id=user.force_id).select_related("area")


def areas(user: User) -> QuerySet[Area]:
    """The local policing areas of the user's force."""
    return Area.objects.filter(level=Level.LPA, force_id=user.force_id).select_related("force").order_by("code")
