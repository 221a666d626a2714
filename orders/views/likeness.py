"""An order entered by hand beside one that a source sent: the same, or two; and two again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from orders.access import permissions
from orders.access.permissions import Action
from orders.actions.adopting import adopt, compared, undo_adopt
from orders.actions.likeness import tell_orders_apart
from orders.forms.people import AdoptForm
from orders.forms.putting_right import ReasonedForm
from orders.models import Adoption, Order, Party
from orders.record.writing import SOURCE
from orders.statute import EVENT_KINDS
from orders.statute.why import when
from orders.views.access import permitted
from orders.views.doing import OrderDoing, order_url, refuse_unless_ours
from orders.views.restricted import is_open


@permitted(Action.MERGE).on_class
class AdoptPage(OrderDoing[AdoptForm]):
    """Both side by side, and where they contradict each other."""

    action = Action.MERGE
    title = "Are they the same order?"
    template = "orders/adopt.html"
    checks = False
    words = "Decide"
    other: Order

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """The other; one of the two was entered by hand."""
        seen = permissions.visible_orders(self.user, timezone.now()).select_related("owner_force")
        self.other = get_object_or_404(seen, public_id=kwargs["other"])
        if not is_open(self.request, self.other):
            raise Http404
        refuse_unless_ours(self.user, self.action, self.other)
        both = {self.order.source == SOURCE, self.other.source == SOURCE}
        self.entered, self.imported = (
            (self.order, self.other) if self.order.source == SOURCE else (self.other, self.order)
        )
        self.one_by_hand = both == {True, False}
        self.missing, self.contradicted = compared(self.entered, self.imported) if self.one_by_hand else ([], [])
        return None

    def form(self, data: Any = None) -> AdoptForm:
        """Whether, and whose word counts."""
        return AdoptForm(data, initial=self.initial(), contradicted=bool(self.contradicted))

    def around(self) -> dict[str, Any]:
        """Both, side by side."""
        return {
            **super().around(),
            "sides": [self._side(self.entered), self._side(self.imported)],
            "contradicted": [
                (EVENT_KINDS[theirs.kind].label, when(theirs.at), when(ours.at)) for theirs, ours in self.contradicted
            ],
            "missing": [EVENT_KINDS[event.kind].label for event in self.missing],
        }

    def _side(self, order: Order) -> dict[str, Any]:
        parties = Party.objects.filter(order=order, superseded__isnull=True).select_related("person").order_by("role")
        return {"order": order, "parties": [(party.role, party.person) for party in parties]}

    def carry_out(self, form: AdoptForm) -> str:
        """One, or two for good."""
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["same"] == "yes":
            leads_to = order_url(self.imported.public_id)
            adopt(
                self.entered, self.imported, word=form.cleaned_data.get("word") or "source", by=self.user, reason=reason
            )
            return leads_to
        tell_orders_apart(self.entered, self.imported, by=self.user, reason=reason)
        return self.back()


@permitted(Action.MERGE).on_class
class UndoAdoptPage(OrderDoing[ReasonedForm]):
    """Two orders after all."""

    action = Action.MERGE
    title = "They are two orders after all"
    lead = (
        "Each tells again what it told before. What the source has sent since and documents stay with its order. "
        "What was recorded on it by hand since may be of either: you are asked to take that back first."
    )
    words = "Make them two again"
    checks = False
    adoption: Adoption

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """What is undone."""
        standing = Adoption.objects.filter(imported=self.order, undone__isnull=True).select_related(
            "entered__owner_force"
        )
        self.adoption = get_object_or_404(standing, pk=kwargs["adoption"])
        refuse_unless_ours(self.user, self.action, self.adoption.entered)
        self.caption = f"{self.order.reference} and {self.adoption.entered.reference}, entered by hand"
        return None

    def back(self) -> str:
        """The history, which tells of it."""
        return reverse("orders:order-history", args=[self.order.public_id])

    def form(self, data: Any = None) -> ReasonedForm:
        """Why."""
        return ReasonedForm(data, initial=self.initial())

    def carry_out(self, form: ReasonedForm) -> str:
        """Undo it."""
        undo_adopt(self.adoption, by=self.user, reason=form.cleaned_data["reason"], form=form.once(self.back()))
        return self.back()
