"""The mailboxes to which emails go, kept by administrators: their areas, addresses, modes and times."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from govuk_forms.forms import GovukRenderer
from notifications import delivery, probe
from notifications.models import DEFAULT_TIME, Mailbox, SendingTime
from notifications.planning import sending_times
from notifications.smtp import Outcome
from notifications.views import access
from orders.access import audit
from orders.access.permissions import Action
from orders.models import Category, User
from orders.views.access import address_of, permitted, user_of


class MailboxForm(forms.ModelForm[Mailbox]):
    """A mailbox, and the time of its area."""

    default_renderer = GovukRenderer
    use_required_attribute = False

    at = forms.TimeField(
        label="Time of the area's email",
        initial=DEFAULT_TIME,
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "govuk-input--width-5"}),
        help_text="Local time, for all mailboxes of the area; not between 01:00 and 02:00.",
        error_messages={"invalid": "Give a time such as 06:00"},
    )

    class Meta:
        model = Mailbox
        fields = ["area", "address", "mode", "is_active"]
        labels = {"is_active": "Send to this mailbox", "mode": "How much it says"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = access.areas(user)  # type: ignore[attr-defined]  # a choice of areas
        self.fields["area"].label = "Local policing area"
        if self.instance.pk:
            time = SendingTime.objects.filter(area=self.instance.area).first()
            self.fields["at"].initial = time.at if time else DEFAULT_TIME

    def clean_address(self) -> str:
        """Only addresses in a domain that may be told."""
        address: str = self.cleaned_data["address"].lower()
        if not delivery.allowed(address):
            raise forms.ValidationError(
                f"{address} is not in a domain that may be told. Give an address of the force, or have the domain "
                "added to DIGEST_DOMAINS."
            )
        return address

    def clean_at(self) -> Any:
        """Not in the hour that one day a year has twice."""
        at = self.cleaned_data["at"]
        if at.hour == 1:
            raise forms.ValidationError("Choose a time before 01:00 or from 02:00 on: clocks change in between")
        return at


@permitted(Action.EMAILS_MANAGE)
def mailboxes(request: HttpRequest) -> HttpResponse:
    """All mailboxes of the force, what came back, and which areas have none; and adding one."""
    user = user_of(request)
    form = MailboxForm(request.POST or None, user=user, initial={"area": request.GET.get("area")})
    if request.method == "POST" and form.is_valid():
        _store(request, user, form, "add mailbox")
        return redirect("notifications:mailboxes")
    kept = list(access.mailboxes(user))
    told = {mailbox.area_id for mailbox in kept if mailbox.is_active}
    times = sending_times()
    return render(
        request,
        "notifications/mailboxes.html",
        {
            "mailboxes": [(mailbox, times.get(mailbox.area_id, DEFAULT_TIME)) for mailbox in kept],
            "without": [area for area in access.areas(user) if area.pk not in told],
            "form": form,
        },
        status=400 if form.errors else 200,
    )


_CAME_OF_IT = {
    Outcome.SENT: "The mail server took the test to {}:",
    Outcome.NEVER: "The test to {} was refused for good:",
    Outcome.LATER: "The test to {} was not sent, and may be if tried again:",
    Outcome.UNKNOWN: "The test to {} was handed over, and no answer came:",
}


@permitted(Action.EMAILS_MANAGE)
def mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailbox: change it, or send a test to it."""
    user = user_of(request)
    found = get_object_or_404(access.mailboxes(user), pk=pk)
    if request.method == "POST" and "test" in request.POST:
        answer = probe.send_test(found, by=user)
        messages.info(request, f"{_CAME_OF_IT[answer.outcome].format(found.address)} {answer.text}")
        return redirect("notifications:mailbox", pk=pk)
    form = MailboxForm(request.POST or None, instance=found, user=user)
    if request.method == "POST" and form.is_valid():
        _store(request, user, form, "change mailbox")
        return redirect("notifications:mailboxes")
    return render(
        request, "notifications/mailbox.html", {"mailbox": found, "form": form}, status=400 if form.errors else 200
    )


def _store(request: HttpRequest, user: User, form: MailboxForm, action: str) -> None:
    """Store a mailbox and its area's time, and log both, and what was there before; whoever was told is told so."""
    old = Mailbox.objects.select_related("area").filter(pk=form.instance.pk).first()
    with transaction.atomic():
        stored = form.save(commit=False)
        if old is not None and old.address != stored.address:
            stored.failed_at, stored.failed_why = None, ""
        stored.save()
        at = form.cleaned_data["at"]
        SendingTime.objects.update_or_create(area=stored.area, defaults={"at": at})
        audit.record(
            by=user,
            category=Category.ALTERATION,
            action=action,
            recipients={stored.address, old.address} if old else [stored.address],
            detail={
                "area": stored.area.code, "mode": stored.mode, "active": stored.is_active, "at": f"{at:%H:%M}",
                **({"was": f"{old.address} of {old.area.code}{'' if old.is_active else ', off'}"} if old else {}),
            },
            address=address_of(request),
        )  # fmt: skip
    messages.info(request, f"{stored.address} is stored.")
    gone = old is not None and old.is_active and (
        (old.area_id, old.address) != (stored.area_id, stored.address) or not stored.is_active
    )  # fmt: skip
    if old is not None and gone:
        answer = probe.tell_of_end(old, by=user)
        took = "was told" if answer.outcome == Outcome.SENT else f"could not be told ({answer.text})"
        messages.info(request, f"{old.address} {took} that it gets {old.area.name}'s email no longer.")
