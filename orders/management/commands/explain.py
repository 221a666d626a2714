"""What the register holds about one order at an instant, and why."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders.access import audit
from orders.models import Category
from orders.record.explain import explain, matching
from orders.statute import parse_local

NOTHING_KNOWN, MORE_THAN_ONE = 3, 4


class Command(BaseCommand):
    """Exit status 0 answered, 1 no such order, 3 nothing was stored by then, 4 more than one has the reference."""

    help = "Say what the register holds about an order at an instant, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        """The contract's arguments."""
        parser.add_argument("reference", help="the reference as officers quote it, or source:order_ref")
        parser.add_argument("--at", metavar="INSTANT", help="the instant asked about; now, if not given")
        parser.add_argument("--known-at", metavar="INSTANT", help="answer from what had been recorded by then")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer on standard output."""
        at = _instant("--at", options["at"]) or timezone.now()
        known_at = _instant("--known-at", options["known_at"])
        found = matching(options["reference"])
        if not found:
            raise CommandError(f"No order has the reference {options['reference']!r}.", returncode=1)
        audit.record(
            by=None,
            category=Category.CONSULTATION,
            action="explain at the command line",
            orders=[order.pk for order in found],
            detail={"reference": options["reference"]},
        )
        if len(found) > 1:
            listed = [
                {
                    "reference": order.reference,
                    "source": order.source,
                    "source_ref": order.source_ref,
                    "kind": order.kind,
                }
                for order in found
            ]
            if options["json"]:
                self.stdout.write(json.dumps({"matches": listed}, indent=2))
            else:
                self.stdout.write("More than one order has this reference. Ask again by source:order_ref:")
                for match in listed:
                    self.stdout.write(
                        f"  {match['source']}:{match['source_ref']}  {match['kind']}  {match['reference']}"
                    )
            sys.exit(MORE_THAN_ONE)
        answer = explain(found[0], at=at, known_at=known_at)
        self.stdout.write(json.dumps(answer, indent=2) if options["json"] else _in_words(answer))
        if answer["standing"] is None:
            sys.exit(NOTHING_KNOWN)


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_local(text)
    except ValueError as problem:
        raise CommandError(f"{option}: {problem}") from problem


def _in_words(answer: dict[str, Any]) -> str:
    lines = [f"{answer['kind']} {answer['reference']} ({answer['source_ref']}) at {answer['at']}"]
    if answer["standing"] is None:
        return "\n".join([*lines, "Nothing had been stored about this order by then."])
    ended = f", by: {answer['ended_by']}" if answer["ended_by"] else ""
    lines.append(f"Standing: {answer['standing']}{ended}")
    lines += [f"In force from {starts} until {ends or 'further order'}" for starts, ends in answer["in_force"]]
    lines.append(f"Service: {answer['facets']['service']}.  PNC: {answer['facets']['pnc']}.")
    for deadline in answer["deadlines"]:
        met = {True: "met", False: "MISSED", None: "nothing says whether it was met"}[deadline["met"]]
        lines.append(f"Deadline {deadline['rule']}: {deadline['due']}, {met} ({deadline['source']})")
    lines += [f"- {reason['text']} [{reason['source']}]" for reason in [*answer["why"], *answer["flags"]]]
    return "\n".join(lines)
