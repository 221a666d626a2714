"""A person: every order in which they are bound or protected, who they are and where they have lived."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from orders.access import audit, permissions, sealing
from orders.access.permissions import Action
from orders.interventions.find import against
from orders.models import Category, Merge, Party, Person, User
from orders.people.duplicates import possible_duplicates
from orders.people.homes import Home, homes
from orders.people.safe_contacts import Contact, safe_contacts, sees_where
from orders.querysets import STANDINGS
from orders.record.as_known import described, held
from orders.search.results import Result, results
from orders.statute import FAR, local_day
from orders.views.access import address_of, permitted, user_of
from orders.views.history import Then, asked_then, not_understood
from orders.views.restricted import opened


@permitted(Action.OPEN_ORDER)
def person_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person. Somebody without an order that is open to the user is as if they did not exist.

    A restricted order is told here once the user has opened it: its link alone would say whom it binds or protects.
    """
    user, then = user_of(request), asked_then(request)
    if then is None:
        return not_understood(request)
    current = get_object_or_404(Person, public_id=public_id)
    roles = {party.order_id: party.role for party in held(Party.objects.filter(person=current), then.known_at)}
    visible = list(permissions.visible_orders(user, then.at, then.known_at).filter(pk__in=roles))
    open_to = opened(request, visible)
    seen = [order for order in visible if order.pk in open_to]
    person = described([current], then.known_at).get(current.pk)
    if not seen and (merge := Merge.objects.filter(other=current, undone__isnull=True).first()):
        return redirect("orders:person", merge.kept.public_id)
    if not seen or person is None:
        raise Http404
    found = results([order.pk for order in seen], user=user, at=then.at, known_at=then.known_at, opened=open_to)
    found.sort(key=_live_on_top)
    audit.record(
        by=user,
        category=Category.CONSULTATION,
        action="view person",
        orders=[order.pk for order in seen],
        detail={
            "person": str(public_id),
            **{name: value for name, value in request.GET.items() if value},
        },
        address=address_of(request),
    )
    lives = _homes(person, user, then, set(open_to))
    protecting = [order for order in seen if roles[order.pk] == "victim"]
    return render(
        request,
        "orders/person.html",
        {
            "protecting": bool(protecting),
            "contacts": _contacts(person, lives, then) if protecting else [],
            "may_say": not then.past and any(permissions.may(user, Action.RECORD, order) for order in protecting),
            "person": person,
            "sees_interventions": permissions.may(user, Action.INTERVENTIONS),
            "interventions": against(current, user, known_at=then.known_at, day=local_day(then.at)),
            "then": then,
            "as_respondent": [one for one in found if roles[one.order.pk] == "perpetrator"],
            "as_protected": [one for one in found if roles[one.order.pk] == "victim"],
            "homes": lives,
            "may_correct": not then.past and any(permissions.may(user, Action.CORRECT, order) for order in seen),
            "merges": _merges(current) if not then.past else [],
            "duplicates": possible_duplicates(person, user, at=then.at, opened=open_to) if not then.past else [],
        },
    )


def _homes(person: Person, user: User, then: Then, seen: set[int]) -> list[Home]:
    """The latest first; at another time only those that had begun. Who is a victim of an order now is one then too."""
    parties = Party.objects.filter(person=person, role="victim")
    known = permissions.visible_orders(user, timezone.now()).filter(
        pk__in=parties.filter(superseded__isnull=True).values("order")
    )
    of_victim = held(parties.filter(order__in=seen), then.known_at).exists() or known.exists()
    found = homes({person.pk: of_victim}, sees_secret=permissions.sees_secret_places(user), known_at=then.known_at).get(
        person.pk, []
    )
    day = local_day(then.at)
    return [home for home in reversed(found) if not then.past or home.from_on <= day]


def _contacts(person: Person, lives: list[Home], then: Then) -> list[Contact]:
    """What is said of how to reach them; secret addresses are opened on the pages of their orders, not here."""
    sees = {person.pk} if sees_where(lives, opened=False, past=then.past) else set()
    at = then.at if then.past else None
    return safe_contacts([person.pk], sees_kept_back=sees, at=at, known_at=then.known_at).get(person.pk, [])


def _live_on_top(result: Result) -> tuple[int, float, int]:
    """As lists of orders are sorted: by standing, the soonest end first, of what has ended the latest."""
    standing = result.assessment.standing
    end = (result.in_force_until or FAR).timestamp()
    return STANDINGS.index(standing), -end if standing == "ended" else end, result.order.pk


def _merges(person: Person) -> list[Merge]:
    """The records that were made one with a person's, with why."""
    found = list(Merge.objects.filter(kept=person, undone__isnull=True).select_related("other", "recording__by"))
    sealing.unsealed((merge.recording for merge in found), "reason")
    return found
