"""Where users themselves live, kept sealed for one purpose: to find looks at orders of people at that address."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orders.access import sealing
from orders.models import Party, Residence, User
from orders.people.names import fold

OWN_HOME = ("own_address", "own_postcode")


def live_at(account: User, address: str, postcode: str) -> bool:
    """Put on an account where its owner lives, sealed; whether that is something else than before. Nothing is saved."""
    address, postcode = " ".join(address.split()), postcode.strip()
    if sealing.unseal([account.own_address, account.own_postcode]) == [address, postcode]:
        return False
    key = sealing.of_register()
    account.own_address, account.own_postcode = key.seal(address), key.seal(postcode)
    account.own_postcode_index = sealing.postcode_index(postcode)
    return True


def index_again() -> int:
    """Work out anew by what own homes are found, after the key of look-ups changed. Returns how many."""
    done = 0
    for account in User.objects.exclude(own_postcode=""):
        (postcode,) = sealing.unseal([account.own_postcode])
        done += User.objects.filter(pk=account.pk).update(own_postcode_index=sealing.postcode_index(postcode))
    return done


def looks_at_own_home(looks: Iterable[tuple[Any, ...]], users: Mapping[int, User]) -> list[tuple[int, int, bool]]:
    """Of some looks, as ids of user and order, those at somebody at the user's own postcode; and if at the address.

    Homes of now and of before count. Secret ones do not: the list would tell an auditor where they are.
    """
    at: dict[str, set[int]] = defaultdict(set)
    for pk, user in users.items():
        if user.own_postcode_index:
            at[user.own_postcode_index].add(pk)
    seen: dict[int, set[int]] = defaultdict(set)
    for user_id, order in looks:
        seen[user_id].add(order)
    homes = Residence.objects.filter(postcode_index__in=at, superseded__isnull=True).exclude(secret=True)
    found: dict[tuple[int, int], bool] = {}
    for home in sealing.unsealed(homes.only("person", "address", "postcode_index", "secret"), "address"):
        parties = Party.objects.filter(person=home.person_id, superseded__isnull=True)
        if home.secret is None:  # that is secret for whoever is protected
            parties = parties.exclude(role="victim")
        theirs = set(parties.values_list("order", flat=True))
        for pk in at[home.postcode_index]:
            (own,) = sealing.unseal([users[pk].own_address])
            same = bool(own) and _alike(own) == _alike(home.address)
            for order in seen[pk] & theirs:
                found[pk, order] = found.get((pk, order), False) or same
    return sorted((pk, order, same) for (pk, order), same in found.items())


def _alike(address: str) -> str:
    """The number and the street of an address, however the rest is written."""
    words = re.findall(r"[a-z0-9]+", fold(address))
    return " ".join(words[:3])
