"""A page that changes something: it asks, says what would follow, and carries it out once, or says why not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from orders.access import permissions
from orders.access.allowed import RULES
from orders.access.permissions import Action
from orders.forms.doing import DoingForm, unseen
from orders.models import Order, SentForm, User
from orders.record.versions import recordings_since, version_of
from orders.record.writing import Changed, Refused, Repeated
from orders.views.access import user_of
from orders.views.order_record import Record, open_record

F = TypeVar("F", bound=DoingForm)
_OWN = frozenset({"csrfmiddlewaretoken", "step", "version", "seen_at"})


class Doing(View, ABC, Generic[F]):
    """Ask, check, carry out. Derive it, and say what is asked (`form`), what follows, and do it.

    `checks`: whether what would follow is shown before it is done. `lead`: what to know before answering.
    """

    needs: ClassVar[Any]
    title = ""
    lead = ""
    words = "Continue"
    confirm_words = "Record it"
    checks = True
    caption = ""
    template = "orders/doing.html"
    check_template = "orders/doing_check.html"
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make ready, then answer."""
        self.user = user_of(request)
        return (
            self._done_before(request)
            or self.ready(request, *args, **kwargs)
            or super().dispatch(request, *args, **kwargs)
        )

    def _done_before(self, request: HttpRequest) -> HttpResponse | None:
        """What came of a form that was carried out: what it was about may no longer be there to be found."""
        doing = request.method == "POST" and (not self.checks or request.POST.get("step") == "confirm")
        key = DoingForm(request.POST).uuid_sent() if doing else None
        sent = SentForm.objects.filter(key=key, user=self.user).first() if key is not None else None
        return redirect(sent.leads_to) if sent is not None and sent.leads_to else None

    @abstractmethod
    def ready(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Find what the page is about; or the answer to give instead."""

    @abstractmethod
    def form(self, data: Any = None) -> F:
        """The form, with what was sent or as it is first shown."""

    @abstractmethod
    def carry_out(self, form: F) -> str:
        """Do it; returns the address of what came of it. May raise Refused, Changed and Repeated."""

    def foresee(self, form: F) -> dict[str, Any]:
        """What the page before doing shows besides the answers."""
        return {}

    def rows(self, form: F) -> list[dict[str, Any]]:
        """The answers as they are checked."""
        return [
            {"key": field.label, "value": shown(field.field, form.cleaned_data.get(field.name))}
            for field in form.visible_fields()
            if form.cleaned_data.get(field.name) not in (None, "", [], False)
        ]

    @abstractmethod
    def back(self) -> str:
        """Where one came from."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask."""
        return self.ask(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check what was answered, or carry it out."""
        form, step = self.form(request.POST), request.POST.get("step", "")
        if not form.is_valid() or step == "change":
            return self.ask(form)
        if self.checks and step != "confirm":
            return self.check(form)
        try:
            return redirect(self.carry_out(form))
        except Repeated as done:
            return redirect(done.leads_to or self.back())
        except Refused as refused:
            self.refuse(form, refused.messages)
            return self.ask(form)
        except Changed:
            return self.check(form, changed=True)

    def refuse(self, form: F, messages: list[str]) -> None:
        """Put what was refused beside the field that it names."""
        for message in messages:
            name, _, words = message.partition(": ")
            form.add_error(name if name in form.fields else None, sentence(words or message))

    def ask(self, form: F) -> HttpResponse:
        """The page that asks; what was typed stands in it."""
        context = {
            "form": form, "title": self.title, "caption": self.caption, "back": self.back(), "words": self.words,
            "lead": self.lead, "checks": self.checks, **self.around(),
        }  # fmt: skip
        return render(self.request, self.template, context, status=400 if form.errors else 200)

    def check(self, form: F, *, changed: bool = False) -> HttpResponse:
        """The page that says what would follow."""
        context = {
            "form": form,
            "title": self.title,
            "caption": self.caption,
            "rows": self.rows(form),
            "typed": [
                (name, value)
                for name, values in self.request.POST.lists()
                if name not in _OWN
                for value in values
            ],
            "version": self.version() if changed else form.cleaned_data["version"],
            "seen_at": timezone.now().isoformat() if changed else form.cleaned_data["seen_at"],
            "changed": self.changed_since(form) if changed else [],
            "is_changed": changed,
            "words": self.confirm_words,
            **self.foresee(form),
            **self.around(),
        }  # fmt: skip
        return render(self.request, self.check_template, context, status=409 if changed else 200)

    def around(self) -> dict[str, Any]:
        """What every page of it shows."""
        return {}

    def version(self) -> str:
        """The version of what the page is about."""
        return ""

    def changed_since(self, form: F) -> list[Any]:
        """What others wrote meanwhile."""
        return []


class OrderDoing(Doing[F]):
    """The same about an order of the user's force. Its look is recorded; a restricted one asks its reason first."""

    action: ClassVar[Action] = Action.RECORD
    record: Record

    def ready(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Find the order; what may not be seen does not exist, what may only be read says who can change it."""
        record = open_record(request, kwargs["public_id"], "record")
        if isinstance(record, HttpResponse):
            return record
        self.record = record
        if record.then.past:
            return redirect(request.path)
        refuse_unless_ours(self.user, self.action, record.current)
        self.caption = f"{record.order.reference} – {record.rules.name}"
        return self.found(**kwargs)

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """Anything else that must be found; or the answer to give instead."""
        return None

    @property
    def order(self) -> Order:
        """The order as it is now held."""
        return self.record.current

    def back(self) -> str:
        """The order's page."""
        return order_url(self.order.public_id)

    def version(self) -> str:
        """The version of the order."""
        return version_of(self.order.pk)

    def initial(self) -> dict[str, Any]:
        """What a new form carries unseen."""
        return unseen(self.version())

    def changed_since(self, form: F) -> list[Any]:
        """What others wrote to the order since the page was shown."""
        return recordings_since(self.order, form.seen())

    def done(self, form: F) -> str:
        """The page that says what was recorded."""
        return reverse("orders:order-recorded", args=[self.order.public_id, form.cleaned_data["key"]])

    def around(self) -> dict[str, Any]:
        """The order and how it stands."""
        record = self.record
        return {"order": record.order, "assessment": record.assessment, "then": record.then, "rules": record.rules}


def refuse_unless_ours(user: User, action: Action, order: Order) -> None:
    """Raises PermissionDenied, with whom to ask, unless the user may do this to the order."""
    if not permissions.may(user, action, order):
        raise PermissionDenied(
            f"Only the civil orders team of {order.owner_force.name} may {RULES[action].words}. "
            f"If something is wrong with it, ring {settings.CIVIL_ORDERS_CONTACT}."
        )


def order_url(public_id: UUID) -> str:
    """The page of an order."""
    return reverse("orders:order", args=[public_id])


def sentence(words: str) -> str:
    """What an action refused, as a message: capitals inside it, like those of SPO, stay."""
    return f"{words[:1].upper()}{words[1:]}"


def shown(field: Any, value: Any) -> str:
    """An answer in words: the label of a choice, a date or moment as it was typed."""
    choices = dict(getattr(field, "choices", ()) or ())
    if isinstance(value, list | tuple):
        return "\n".join(str(choices.get(one, one)) for one in value)
    if choices:
        return str(choices.get(value, value))
    if value is True:
        return "Yes"
    prepared = getattr(field, "in_words", None)
    return str(prepared(value)) if prepared is not None else str(value)
