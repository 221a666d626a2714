"""How a protected person can be reached without harm: said by the civil orders team, with what was said before."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from orders.access import permissions
from orders.access.permissions import Action
from orders.access.sealing import unsealed
from orders.actions.safe_contact import OPEN, say_safe_contact
from orders.forms.safe_contact import SafeContactForm
from orders.models import Order, Party, SafeContact
from orders.people.homes import homes
from orders.people.safe_contacts import sees_where
from orders.views.access import permitted
from orders.views.doing import order_url
from orders.views.person_doing import PersonDoing
from orders.views.restricted import is_open


@permitted(Action.RECORD).on_class
class SafeContactPage(PersonDoing[SafeContactForm]):
    """One page: what holds now stands in it. `?order=` is the order from whose page one came."""

    action = Action.RECORD
    title = "Safe contact"
    words = "Record it"
    checks = False
    template = "orders/safe_contact.html"
    order: Order | None = None

    def found(self, **kwargs: Any) -> HttpResponse | None:
        """Somebody whom no order protects that the user may change has no such page."""
        protecting = [
            order
            for order in permissions.visible_orders(self.user, timezone.now())
            .select_related("owner_force")
            .filter(
                pk__in=Party.objects.filter(person=self.person, role="victim", superseded__isnull=True).values("order")
            )
            if is_open(self.request, order)
        ]
        if not any(permissions.may(self.user, self.action, order) for order in protecting):
            raise Http404
        asked = self.request.GET.get("order", "")
        self.order = next((order for order in protecting if str(order.public_id) == asked), None)
        lives = homes({self.person.pk: True}, sees_secret=False).get(self.person.pk, [])
        self.sees_kept_back = sees_where(lives, opened=False, past=False)
        rows = SafeContact.objects.filter(person=self.person).select_related("recording__by", "superseded")
        self.is_kept = rows.filter(superseded__isnull=True).exclude(kept_back="").exists()
        self.said = unsealed(
            rows.order_by("-pk"), *OPEN, "interpreter", *(["kept_back"] if self.sees_kept_back else [])
        )
        return None

    def back(self) -> str:
        """The page that one came from."""
        if self.order is not None:
            return order_url(self.order.public_id)
        return reverse("orders:person", args=[self.person.public_id])

    def form(self, data: Any = None) -> SafeContactForm:
        """What holds now, to be changed."""
        now = [one for one in self.said if one.superseded_id is None]
        told = {name: "\n".join(filter(None, (getattr(one, name) for one in now))) for name in OPEN}
        told["interpreter"] = next((one.interpreter for one in now if one.interpreter), "")
        if self.sees_kept_back:
            told["kept_back"] = "\n".join(one.kept_back for one in now if one.kept_back)
        return SafeContactForm(
            data, initial={**self.initial(), **told}, sees_kept_back=self.sees_kept_back, is_kept=self.is_kept
        )

    def around(self) -> dict[str, Any]:
        """What was said before, the latest first; what only they see who see the address is not repeated."""
        return {"before": [one for one in self.said if one.superseded_id is not None]}

    def carry_out(self, form: SafeContactForm) -> str:
        """Record it."""
        say_safe_contact(
            self.person, form.said(), by=self.user, reason=form.cleaned_data["reason"], form=form.once(self.back())
        )
        return self.back()
