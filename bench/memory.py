"""Answers pages in a process of its own, as a web worker does, and prints the most memory that took, in MB."""

from __future__ import annotations

import os
import resource
import sys

import django

PAGES = 200


def main() -> int:
    """Answer PAGES pages, half of them searches, and print."""
    django.setup()
    from django.test import Client
    from django.utils import timezone

    from bench.questions import Questions, address
    from orders.models import Order

    questions = Questions(timezone.now().replace(second=0, microsecond=0), seed=3)
    asked = questions.filtered(PAGES // 2)
    orders = Order.objects.filter(pk__in=list(questions.order_ids(PAGES)), restricted=False)
    shown = list(orders.values_list("public_id", "owner_force_id")[: PAGES // 2])
    client = Client(SERVER_NAME="localhost")
    for question in asked:
        client.force_login(questions.viewer(question.area))
        client.get(address(question, now=questions.at))
    for public_id, force in shown:
        client.force_login(questions.viewer_of(force))
        client.get(f"/orders/{public_id}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most / (1024 * 1024 if sys.platform == "darwin" else 1024))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
    sys.exit(main())
