"""Writing an email anew that waits to be sent, when it says what may no longer be said: the same news, in new words.

Between writing and sending an order may have been restricted, a home become secret, or a person been erased.
"""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from notifications import planning, rows, telling
from notifications.digest import Owed, build
from notifications.models import Carried, Delivery, DigestRun, Letter, Mode, Status
from orders.access import sealing

log = structlog.get_logger(__name__)


def says_too_much(delivery: Delivery) -> bool:
    """Whether the words of a daily email may no longer be sent as they are."""
    run = delivery.run
    if run.is_alert or run.at is None or delivery.letter.mode != Mode.FULL:
        return False
    return rows.says_too_much(run.named, run.placed, run.at)


@transaction.atomic
def write_again(pk: int) -> None:
    """Write the words of a run anew: of the same instant and the same events, and shown as they may be shown now.

    What was sent before stays in the archive as it was.
    """
    run = DigestRun.objects.select_for_update(of=("self",)).select_related("area__force").get(pk=pk)
    if run.at is None or run.replaced_at is not None:
        return
    carried = set(Carried.objects.filter(run=run).values_list("event_id", flat=True))
    telling.give_back([run.pk])
    days = tuple(sorted({run.day, run.first_day, *run.caught_up.values_list("day", flat=True)}))
    news = build([Owed(run.area, days, _before(run))], run.at, carrying=carried)[run.area_id]
    for name in ("counts", "lists"):
        setattr(run, name, getattr(news, name))
    for name in ("orders", "named", "placed"):
        setattr(run, name, list(getattr(news, name)))
    # Not `listed`: an order that came meanwhile is new to the next email.
    run.save(update_fields=["counts", "lists", "orders", "named", "placed"])
    Carried.objects.bulk_create(Carried(area_id=run.area_id, event_id=event, run=run) for event in carried)
    planning.keep_lists([news])
    (key,) = sealing.for_letters([run.orders])
    for written in planning.letters(run, news, key):
        Letter.objects.filter(run=run, mode=written.mode).update(
            subject=written.subject, text=written.text, html=written.html, sheet=written.sheet
        )
    Delivery.objects.filter(run=run, resend_of__isnull=True).exclude(status=Status.SENT).update(message=None)
    log.warning("digest_written_again", area=run.area.code, day=run.day.isoformat())


def _before(run: DigestRun) -> DigestRun | None:
    """The last email before this one that reached its area."""
    earlier = DigestRun.objects.filter(
        Exists(planning.REACHED.filter(run=OuterRef("pk"))), area=run.area, day__lt=run.day, at__isnull=False
    )
    return earlier.order_by("-day").first()
