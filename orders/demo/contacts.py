"""How some protected people of the demonstration can be reached: recorded by hand, as no extract has it."""

from __future__ import annotations

from django.utils import timezone

from orders.actions.safe_contact import Said, say_safe_contact
from orders.models import Party, Person, Place, User

MOST = 60
# Numbers that are kept free for films (Ofcom, numbers for drama use).
_SAID = (
    Said(
        safe="By text on weekdays between 9:30 and 14:30, from a number that is not the police's.",
        never="Do not ring the landline; do not leave a message or a card.",
        children="Two, 4 and 9.",
        language="English",
        interpreter="no",
        kept_back="07700 900101",
    ),
    Said(
        safe="Through the support worker, who is there on weekday mornings.",
        never="Do not call at the house in uniform.",
        language="Polish",
        interpreter="yes",
        kept_back="The support worker: 07700 900102",
    ),
    Said(safe="In person at work, at any time.", children="None."),
    Said(never="Do not write: the post is opened by somebody else.", children="One, 12.", language="Punjabi"),
)


def say_safe_contacts(by: User) -> int:
    """Record it of those protected by the orders that end soonest; returns of how many."""
    now, force = timezone.now(), by.force
    if force is None:
        return 0
    live = Place.objects.at(now).filter(area=force, live_from__lte=now, live_until__gt=now)
    orders = list(live.order_by("live_until", "order_id").values_list("order_id", flat=True)[:MOST])
    parties = Party.objects.filter(order__in=orders, role="victim", superseded__isnull=True)
    people = Person.objects.filter(pk__in=parties.values("person")).order_by("pk")
    for number, person in enumerate(people):
        say_safe_contact(person, _SAID[number % len(_SAID)], by=by)
    return len(people)
