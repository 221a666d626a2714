"""Show or send the daily email of one area, or send one again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notifications import delivery, emails, hold, planning
from notifications.models import DEFAULT_TIME, Delivery, DigestRun, Letter, Mode
from notifications.service_day import DAYS_LOOKED_BACK, latest
from orders.access.sealing import unseal
from orders.models import Area, Level, User


class Command(BaseCommand):
    """Without --commit nothing is stored or sent. Sending twice sends once; --resend is an act of a person."""

    help = "Show the daily email of an area, or with --commit send it if it is owed and was not sent."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which email."""
        parser.add_argument("--area", required=True, help="code of a local policing area, such as WMP-WAL")
        parser.add_argument("--day", type=date.fromisoformat, help="local day, YYYY-MM-DD; the latest owed by default")
        parser.add_argument("--mode", choices=Mode.values, default=Mode.FULL.value, help="which words to show")
        parser.add_argument("--commit", action="store_true", help="send it")
        parser.add_argument("--resend", action="store_true", help="send again what was sent; needs --by and --reason")
        parser.add_argument("--by", help="user name of the person who asks")
        parser.add_argument("--reason", default="", help="why it is sent again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show or send."""
        now = timezone.now()
        area = Area.objects.filter(code=options["area"], level=Level.LPA).select_related("force").first()
        if area is None:
            raise CommandError(f"--area: there is no local policing area {options['area']!r}.")
        last = latest(now, planning.sending_times().get(area.pk, DEFAULT_TIME))
        day = options["day"] or last
        run = DigestRun.objects.filter(area=area, day=day).select_related("caught_up_by").first()
        run = run.caught_up_by if run is not None and run.caught_up_by is not None else run
        if options["resend"]:
            self._resend(run, options)
            return
        if not options["commit"]:
            self._show(area, run, day, options["mode"])
            return
        sending = hold.state(now)
        if sending.held_since is not None:
            raise CommandError(f"Sending is held. {sending.held_why} Use resume_digests.")
        if run is None:
            if day > last or (last - day).days >= DAYS_LOOKED_BACK or day < sending.first_day:
                raise CommandError(f"--day: nothing is owed for {day}; the latest day owed is {last}.")
            planning.plan(now)
            run = DigestRun.objects.filter(area=area, day=day).select_related("caught_up_by").first()
            run = run.caught_up_by if run is not None and run.caught_up_by is not None else run
        if run is None:
            raise CommandError(
                f"Nothing was made for {area.name}: has its force a mailbox, and is another tick at work?"
            )
        self._send(run)

    def _show(self, area: Area, run: DigestRun | None, day: date, mode: str) -> None:
        if run is not None:
            letter = Letter.objects.get(run=run, mode=mode)
            self.stdout.write(
                f"As written at {run.at:%Y-%m-%d %H:%M %Z}:\nSubject: {letter.subject}\n\n{unseal([letter.text])[0]}"
            )
            return
        news = planning.preview(area, day, timezone.now())
        if news is None:
            raise CommandError("An email to this area is being sent at this moment. Try again in a minute.")
        written = emails.write(news, mode)
        self.stdout.write(f"As it would be now:\nSubject: {written.subject}\n\n{written.text}")

    def _send(self, run: DigestRun) -> None:
        open_ones = Delivery.objects.filter(run=run, status__in=["queued", "unknown"], next_attempt_at__isnull=False)
        open_ones.update(next_attempt_at=timezone.now())
        ids = list(open_ones.values_list("pk", flat=True))
        if ids:
            delivery.drain(only=ids)
        rows = Delivery.objects.filter(run=run)
        if not rows:
            self.stdout.write(f"{run.area.name} has no mailbox: nothing was sent.")
        for row in rows:
            self.stdout.write(f"{row.address}: {row.get_status_display().lower()}. {row.answer}")

    def _resend(self, run: DigestRun | None, options: dict[str, Any]) -> None:
        by = User.objects.filter(username=options["by"] or "").first()
        if by is None:
            raise CommandError("--by: name the person who asks, by user name.")
        sent = list(Delivery.objects.filter(run=run, resend_of__isnull=True)) if run else []
        if not sent:
            raise CommandError("Nothing was sent for that area and day, so there is nothing to send again.")
        try:
            again = [delivery.resend(row, by=by, reason=options["reason"]) for row in sent]
        except ValueError as error:
            raise CommandError(f"--{error}") from error
        delivery.drain(only=[row.pk for row in again])
        for row in Delivery.objects.filter(pk__in=[row.pk for row in again]):
            self.stdout.write(f"{row.address}: {row.get_status_display().lower()}. {row.answer}")
