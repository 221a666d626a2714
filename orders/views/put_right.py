"""Putting right what was recorded of an order: an event, the heading, what it forbids, who may open it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from orders.access.permissions import Action
from orders.access.sealing import unsealed
from orders.actions.by_hand import correct_event, retract_event
from orders.actions.headings import correct_heading, restrict, unrestrict, vary
from orders.forms.putting_right import EventForm, HeadingForm, RestrictForm, VaryForm
from orders.models import Condition, Event
from orders.record import facts
from orders.record.foresight import foresee, without
from orders.search.cards import condition_runs
from orders.statute import hand_errors
from orders.views.access import permitted
from orders.views.doing import OrderDoing


@permitted(Action.CORRECT).on_class
class PutEventRight(OrderDoing[EventForm]):
    """An event taken back and recorded rightly, in one step and with a reason; or only taken back."""

    action = Action.CORRECT
    title = "Put right what was recorded"
    confirm_words = "Put it right"
    template = "orders/put_event_right.html"
    event: Event

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """The event; one that has been taken back is not there to be put right."""
        told = Event.objects.filter(order=self.order).exclude(kind="RETRACTED")
        self.event = get_object_or_404(told.not_taken_back(), pk=kwargs["event"])
        unsealed([self.event], "text", "by_whom")
        return None

    def around(self) -> dict[str, Any]:
        """The event as it was recorded."""
        return {**super().around(), "event": self.event}

    def form(self, data: Any = None) -> EventForm:
        """What was recorded, to be changed."""
        return EventForm(self.event, data, initial={**self.initial(), **EventForm.told(self.event)})

    def foresee(self, form: EventForm) -> dict[str, Any]:
        """What would follow, compared with what follows from what is recorded now."""
        known = without(self.record.known, str(self.event.pk))
        return {"foresight": foresee(known, form.right(), timezone.now(), instead_of=self.record.known)}

    def check(self, form: EventForm, *, changed: bool = False) -> HttpResponse:
        """What the law refuses is said at once, beside the field."""
        known = without(self.record.known, str(self.event.pk))
        problems = hand_errors(known, form.right(), timezone.now(), followed=facts.followed(self.order))
        if problems and not changed:
            self.refuse(form, problems)
            return self.ask(form)
        return super().check(form, changed=changed)

    def carry_out(self, form: EventForm) -> str:
        """Take it back, and record what happened in its place."""
        leads_to, reason = self.done(form), form.cleaned_data["reason"]
        right = form.right()
        if right:
            correct_event(self.event, right[0], by=self.user, reason=reason, form=form.once(leads_to))
        else:
            retract_event(self.event, by=self.user, reason=reason, form=form.once(leads_to))
        return leads_to


@permitted(Action.CORRECT).on_class
class PutHeadingRight(OrderDoing[HeadingForm]):
    """The reference, the kind and the rest of the heading. What stood there is kept as a version."""

    action = Action.CORRECT
    title = "Put the heading right"
    confirm_words = "Put it right"

    def form(self, data: Any = None) -> HeadingForm:
        """What stands there, to be changed."""
        return HeadingForm(self.order, self.user, data, initial={**self.initial(), **HeadingForm.told(self.order)})

    def rows(self, form: HeadingForm) -> list[dict[str, Any]]:
        """What changes, before and after."""
        return [*form.differences(), {"key": "Reason", "value": form.cleaned_data["reason"]}]

    def check(self, form: HeadingForm, *, changed: bool = False) -> HttpResponse:
        """Nothing to check where nothing changes."""
        if not form.differences():
            form.add_error(None, "Nothing is changed. Change what is wrong, or go back to the order")
            return self.ask(form)
        return super().check(form, changed=changed)

    def carry_out(self, form: HeadingForm) -> str:
        """Store what changes."""
        leads_to = self.done(form)
        correct_heading(
            self.order,
            form.changes(),
            by=self.user,
            reason=form.cleaned_data["reason"],
            form=form.once(leads_to),
        )
        return leads_to


@permitted(Action.RESTRICT).on_class
class RestrictPage(OrderDoing[RestrictForm]):
    """Who may open the order without a reason."""

    action = Action.RESTRICT

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """In which direction."""
        self.title = "Open this restricted order" if self.order.restricted else "Restrict this order"
        self.confirm_words = "Open it" if self.order.restricted else "Restrict it"
        return None

    def form(self, data: Any = None) -> RestrictForm:
        """Why."""
        return RestrictForm(data, initial=self.initial(), restricted=self.order.restricted)

    def carry_out(self, form: RestrictForm) -> str:
        """Restrict it, or open it."""
        leads_to = self.done(form)
        act = unrestrict if self.order.restricted else restrict
        act(self.order, by=self.user, reason=form.cleaned_data["reason"], form=form.once(leads_to))
        return leads_to


@permitted(Action.RECORD).on_class
class VaryPage(OrderDoing[VaryForm]):
    """The court changed what the order says: conditions that ended, conditions that began, another end."""

    title = "Varied"

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """There is no such page of a kind that cannot be varied."""
        if not self.record.rules.can_vary:
            raise Http404
        held = Condition.objects.filter(order=self.order, superseded__isnull=True).order_by("code", "pk")
        self.conditions = unsealed((one for one in held if condition_runs(one, timezone.now())), "text")
        return None

    def form(self, data: Any = None) -> VaryForm:
        """What changed."""
        initial = {**self.initial(), "at": timezone.localdate()}
        return VaryForm(self.conditions, self.record.known.kind, data, initial=initial)

    def foresee(self, form: VaryForm) -> dict[str, Any]:
        """What would follow for the order; its conditions are said above."""
        return {"foresight": foresee(self.record.known, [form.event()], timezone.now())}

    def check(self, form: VaryForm, *, changed: bool = False) -> HttpResponse:
        """What the law refuses is said at once, beside the field."""
        problems = hand_errors(self.record.known, [form.event()], timezone.now())
        if problems and not changed:
            self.refuse(form, problems)
            return self.ask(form)
        return super().check(form, changed=changed)

    def carry_out(self, form: VaryForm) -> str:
        """Record it, and the conditions with it."""
        leads_to = self.done(form)
        ended = [one for one in self.conditions if str(one.pk) in form.cleaned_data["ended"]]
        vary(
            self.order,
            form.event(),
            ended=ended,
            added=form.added(),
            by=self.user,
            form=form.once(leads_to),
        )
        return leads_to
