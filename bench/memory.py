"""Answers pages in a process of its own, as a web worker does, and prints the most memory that took, in MB."""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

import django

PAGES = 200


def main() -> int:
    """Answer PAGES pages, half of them searches, and print."""
    django.setup()
    from django.utils import timezone

    from bench.clients import browser
    from bench.questions import Questions, address
    from orders.models import Level, Order

    questions = Questions(timezone.now().replace(second=0, microsecond=0), seed=3)
    asked = questions.filtered(PAGES // 2)
    orders = Order.objects.filter(pk__in=list(questions.order_ids(PAGES)), restricted=False)
    shown = list(orders.values_list("public_id", "owner_force_id")[: PAGES // 2])
    # One browser a viewer: each has a chain of middleware of its own, which a worker has once.
    browsers = {force.pk: browser(questions.viewer_of(force.pk)) for force in questions.areas(Level.FORCE)}
    for question in asked:
        _seen(browsers[question.area.force_or_self_id].get(address(question, now=questions.at)))
    for public_id, force in shown:
        _seen(browsers[force].get(f"/orders/{public_id}"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most / (1024 * 1024 if sys.platform == "darwin" else 1024))
    return 0


def _seen(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"a page answered {response.status_code}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
