"""What somebody typed before their session ended: shown to them alone, and sent or thrown away as they say."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from orders.access.permissions import Action
from orders.views.access import permitted, user_of
from signin import kept_forms


class SendAgain(HttpResponseRedirect):
    """A redirect at which the browser sends the form once more, to the page it was for (RFC 9110, 15.4.8)."""

    status_code = 307


@permitted(Action.ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def kept_form_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Review, send or throw away."""
    kept = get_object_or_404(kept_forms.kept_for(user_of(request)), public_id=public_id)
    form = kept_forms.opened(kept)
    if form is None or request.method == "POST":
        kept.delete()
        if form is not None and "send" in request.GET:
            return SendAgain(form.path)
        further = kept_forms.kept_for(user_of(request)).first()
        return redirect("orders:home") if further is None else redirect("signin:kept-form", further.public_id)
    shown = [(_words(name), value) for name, value in form.answers if value.strip()]
    return render(request, "signin/kept_form.html", {
        "form": form, "shown": shown, "kept": kept,
        "further": kept_forms.kept_for(user_of(request)).exclude(pk=kept.pk),
    })  # fmt: skip


def _words(name: str) -> str:
    """The name of a field as words: `family_name` is "Family name"."""
    return name.rsplit("-", 1)[-1].replace("_", " ").strip().capitalize()
