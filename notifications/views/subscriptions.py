"""What comes by email: to the mailboxes of one's own area every day, and to oneself about saved searches."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from notifications.models import DEFAULT_TIME, Delivery
from notifications.planning import sending_times
from notifications.views import access
from orders.access.permissions import Action, may
from orders.models import SavedSearch
from orders.models.saved import lpa_of
from orders.views.access import permitted, user_of

LATEST = 10


@permitted(Action.SAVED_SEARCHES)
def subscriptions(request: HttpRequest) -> HttpResponse:
    """One's alerts with what became of their emails, and the mailboxes of one's area with their time and contents."""
    user, times = user_of(request), sending_times()
    mine = Delivery.objects.filter(run__is_alert=True, run__alert_of__owner=user).select_related("run__alert_of")
    boxes = access.mailboxes(user).filter(area=lpa_of(user.home_area))
    return render(
        request,
        "notifications/subscriptions.html",
        {
            "alerts": SavedSearch.objects.visible_to(user).filter(owner=user, alert=True),
            "minutes": max(1, settings.ALERT_SECONDS // 60),
            "sent": mine.order_by("-pk")[:LATEST],
            "mailboxes": [(box, times.get(box.area_id, DEFAULT_TIME)) for box in boxes],
            "may_keep": may(user, Action.EMAILS_MANAGE),
        },
    )
