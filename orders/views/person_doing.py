"""People put right, moved, merged, and merges undone."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from govuk_forms.turning import straight
from orders.access import audit, permissions
from orders.access.permissions import Action
from orders.actions.likeness import tell_people_apart
from orders.actions.merging import merge, undo_merge
from orders.actions.people import correct_person, move
from orders.forms.doing import DoingForm, unseen
from orders.forms.people import DescriptionForm, MergeForm, MoveForm
from orders.forms.putting_right import ReasonedForm
from orders.models import Category, Merge, Order, Party, Person, Residence
from orders.statute import KINDS
from orders.views.access import address_of, permitted
from orders.views.doing import Doing, refuse_unless_ours
from orders.views.restricted import opened

F = TypeVar("F", bound=DoingForm)


class PersonDoing(Doing[F]):
    """Something done to a person of whom the user's force owns an order. The look is recorded."""

    action: ClassVar[Action] = Action.CORRECT
    person: Person

    def ready(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Find the person; somebody without an order that the user may see does not exist."""
        self.person = self.seen(kwargs["public_id"])
        self.caption = str(self.person)
        return self.found(**kwargs)

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """Anything else that must be found; or the answer to give instead."""
        return None

    def seen(self, public_id: Any) -> Person:
        """A person of an order that the user may see and has opened."""
        person = get_object_or_404(Person, public_id=public_id)
        orders = list(
            permissions.visible_orders(self.user, timezone.now())
            .select_related("owner_force")
            .filter(pk__in=Party.objects.filter(person=person, superseded__isnull=True).values("order"))
        )
        shown = [order for order in orders if order.pk in opened(self.request, orders)]
        if not shown:
            raise Http404
        ours = [order for order in shown if permissions.may(self.user, self.action, order)]
        if not ours:
            refuse_unless_ours(self.user, self.action, shown[0])
        audit.record(
            by=self.user,
            category=Category.CONSULTATION,
            action="view person",
            orders=[order.pk for order in shown],
            detail={"person": str(public_id), "section": "put right"},
            address=address_of(self.request),
        )
        return person

    def back(self) -> str:
        """The person's page."""
        return reverse("orders:person", args=[self.person.public_id])

    def initial(self) -> dict[str, Any]:
        """What a new form carries unseen."""
        return unseen()


@permitted(Action.CORRECT).on_class
class DescribePage(PersonDoing[DescriptionForm]):
    """Name, date of birth and the rest of a description."""

    title = "Put right who they are"
    confirm_words = "Put it right"

    def form(self, data: Any = None) -> DescriptionForm:
        """What stands there, to be changed."""
        return DescriptionForm(self.person, data, initial={**self.initial(), **DescriptionForm.told(self.person)})

    def carry_out(self, form: DescriptionForm) -> str:
        """Store what changes."""
        reason = " ".join(part for part in (form.cleaned_data["reason"], form.cleaned_data["no_birth"]) if part)
        correct_person(self.person, form.changes(), by=self.user, reason=reason, form=form.once(self.back()))
        return self.back()


@permitted(Action.RECORD).on_class
class MovePage(PersonDoing[MoveForm]):
    """Where somebody lives from a day on."""

    action = Action.RECORD
    title = "Record a move"

    def form(self, data: Any = None) -> MoveForm:
        """Where to, and since when; a protected person's address is secret unless somebody says that it is not."""
        protected = Party.objects.filter(person=self.person, role="victim", superseded__isnull=True).exists()
        initial = {**self.initial(), "withheld": "Y" if protected else None}
        return MoveForm(data, initial=initial, force=self.user.force)

    def rows(self, form: MoveForm) -> list[dict[str, Any]]:
        """The answers, with the area that was found."""
        found = form.cleaned_data["found"]
        where = f"{found.name}, {found.parent.name}" if found else "No known neighbourhood: found as not placed"
        return [*super().rows(form), {"key": "Area", "value": where}]

    def foresee(self, form: MoveForm) -> dict[str, Any]:
        """Which areas are told."""
        home = form.home()
        held = Residence.objects.filter(person=self.person, superseded__isnull=True).select_related(
            "neighbourhood__parent"
        )
        left = [
            one.neighbourhood
            for one in held
            if one.neighbourhood and one.from_on < home.from_on and (one.to_on is None or one.to_on > home.from_on)
        ]
        orders = Party.objects.filter(person=self.person, superseded__isnull=True).count()
        return {"left": left, "home": home, "count": orders}

    check_template = "orders/move_check.html"

    def carry_out(self, form: MoveForm) -> str:
        """Record it."""
        move(self.person, form.home(), by=self.user, reason=form.cleaned_data["reason"], form=form.once(self.back()))
        return self.back()


def differences(one: Person, other: Person) -> list[str]:
    """In what two records contradict each other that cannot change of one person, or seldom does."""
    found = []
    if one.sex and other.sex and one.sex != other.sex:
        found.append(f"The sex is recorded as {one.get_sex_display()} and as {other.get_sex_display()}.")
    if one.date_of_birth and other.date_of_birth and one.date_of_birth != other.date_of_birth:
        found.append(f"The dates of birth are {one.date_of_birth:%-d %B %Y} and {other.date_of_birth:%-d %B %Y}.")
    if one.pnc_id and other.pnc_id and one.pnc_id != other.pnc_id:
        found.append(f"The PNC IDs are {one.pnc_id} and {other.pnc_id}.")
    return found


@permitted(Action.MERGE).on_class
class MergePage(PersonDoing[MergeForm]):
    """Two records side by side: one person, or two."""

    action = Action.MERGE
    title = "Are they the same person?"
    template = "orders/merge.html"
    confirm_words = "Decide"
    check_template = "orders/merge_check.html"
    checks = False
    other: Person
    differ: list[str]

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """The other."""
        self.other = self.seen(kwargs["other"])
        if self.other.pk == self.person.pk:
            raise Http404
        self.differ = differences(self.person, self.other)
        self.checks = bool(self.differ)
        return None

    def form(self, data: Any = None) -> MergeForm:
        """Whether, and why."""
        return MergeForm(data, initial=self.initial())

    def around(self) -> dict[str, Any]:
        """Both, side by side."""
        return {"sides": [self._side(self.person), self._side(self.other)], "differ": self.differ}

    def _side(self, person: Person) -> dict[str, Any]:
        parties = Party.objects.filter(person=person, superseded__isnull=True).select_related("order")
        visible = permissions.visible_orders(self.user, timezone.now()).filter(pk__in=parties.values("order"))
        seen = opened(self.request, visible)
        orders: list[tuple[Order, str]] = [(one.order, one.role) for one in parties if one.order_id in seen]
        return {
            "person": person,
            "aliases": straight("; ".join(", ".join(pair) for pair in person.aliases)),
            "orders": [(order, KINDS[order.kind].name, role) for order, role in orders],
        }

    def carry_out(self, form: MergeForm) -> str:
        """One, or two for good."""
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["same"] == "yes":
            merge(self.person, self.other, by=self.user, reason=reason, form=form.once(self.back()))
        else:
            tell_people_apart(self.person, self.other, by=self.user, reason=reason)
        return self.back()


@permitted(Action.MERGE).on_class
class UndoMergePage(PersonDoing[ReasonedForm]):
    """Two people after all."""

    action = Action.MERGE
    title = "They are two people after all"
    lead = (
        "The orders and homes that came from the other go back to it, and so does its name. What was recorded of the "
        "person who was kept since then stays theirs."
    )
    words = "Make them two again"
    checks = False
    merged: Merge

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """What is undone."""
        self.merged = get_object_or_404(Merge, pk=kwargs["merge"], kept=self.person, undone__isnull=True)
        self.caption = f"{self.person} and {self.merged.other}"
        return None

    def form(self, data: Any = None) -> ReasonedForm:
        """Why."""
        return ReasonedForm(data, initial=self.initial())

    def carry_out(self, form: ReasonedForm) -> str:
        """Undo it."""
        undo_merge(self.merged, by=self.user, reason=form.cleaned_data["reason"], form=form.once(self.back()))
        return self.back()
