"""Recording what has happened to an order: choosing it, saying it, checking what follows, and what comes next."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from orders.access import sealing
from orders.access.permissions import Action
from orders.actions.by_hand import record_events
from orders.forms.happened import BY_SLUG, HappenedForm, Happening, can_happen
from orders.models import SentForm
from orders.record import facts
from orders.record.foresight import clocks, foresee, foresee_before
from orders.statute import hand_errors
from orders.views.access import permitted
from orders.views.doing import OrderDoing, refuse_unless_ours
from orders.views.next_steps import likely, next_steps
from orders.views.order_record import open_record


@permitted(Action.RECORD)
def choose_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything that can be recorded of an order of its kind, what is likely first."""
    record = open_record(request, public_id, "record")
    if isinstance(record, HttpResponse):
        return record
    refuse_unless_ours(record.user, Action.RECORD, record.current)
    happenings = sorted(can_happen(record.known.kind), key=lambda one: _GROUPS.index(one.group))
    groups = [(group, list(found)) for group, found in groupby(happenings, key=lambda one: one.group)]
    return render(
        request,
        "orders/record_choose.html",
        {
            "order": record.current,
            "rules": record.rules,
            "groups": groups,
            "likely": likely(record),
            "then": record.then,
        },
    )


_GROUPS = ["Service", "Court", "Breach and arrest", "PNC and other"]


@permitted(Action.RECORD).on_class
class RecordPage(OrderDoing[HappenedForm]):
    """One thing that happened."""

    happening: Happening

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """The thing; there is no such page of a kind to which it does not happen."""
        happening = BY_SLUG.get(kwargs["slug"])
        if happening is None or happening not in can_happen(self.record.known.kind):
            raise Http404
        self.happening, self.title = happening, happening.title
        return None

    def form(self, data: Any = None) -> HappenedForm:
        """Its questions; today's date stands there already, the time does not."""
        initial = {**self.initial(), "at": timezone.localdate()}
        if data is None and self.happening.kind in ("LISTED", "RETURN_DATE"):
            initial.pop("at")
        return HappenedForm(self.happening, self.record.known.kind, data, initial=initial)

    def check(self, form: HappenedForm, *, changed: bool = False) -> HttpResponse:
        """What the law refuses is said at once, beside the field."""
        followed = facts.followed(self.order)
        problems = hand_errors(self.record.known, form.events(), timezone.now(), followed=followed)
        if problems and not changed:
            self.refuse(form, problems)
            return self.ask(form)
        return super().check(form, changed=changed)

    def refuse(self, form: HappenedForm, messages: list[str]) -> None:
        """In the form's own words."""
        form.refuse(messages)

    def foresee(self, form: HappenedForm) -> dict[str, Any]:
        """What would follow, for the order and the one before it."""
        now, events = timezone.now(), form.events()
        foresight = foresee(self.record.known, events, now)
        return {"foresight": foresight, "ends_before": foresee_before(self.order, events, now)}

    def carry_out(self, form: HappenedForm) -> str:
        """Record it."""
        leads_to = self.done(form)
        record_events(self.order, form.events(), by=self.user, form=form.once(leads_to))
        return leads_to


@permitted(Action.RECORD)
def recorded_page(request: HttpRequest, public_id: UUID, key: UUID) -> HttpResponse:
    """That something was recorded, how the order stands now, and what comes next."""
    record = open_record(request, public_id, "recorded")
    if isinstance(record, HttpResponse):
        return record
    sent = get_object_or_404(SentForm.objects.select_related("recording__by"), key=key, user=record.user)
    stored = record.current.events.filter(recording=sent.recording).exclude(kind="RETRACTED").order_by("pk")
    events = sealing.unsealed(stored, "by_whom", "text")
    running = [
        clock
        for clock in clocks(record.known, record.assessment, record.days)
        if clock.deadline.met is None and clock.deadline.due > record.then.at
    ]
    return render(
        request,
        "orders/recorded.html",
        {
            "order": record.order,
            "rules": record.rules,
            "assessment": record.assessment,
            "then": record.then,
            "events": events,
            "recording": sent.recording,
            "clocks": running,
            "next": next_steps(record, [event.kind for event in events]),
        },
    )
