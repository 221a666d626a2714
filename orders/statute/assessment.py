"""The whole answer about one order at one instant, built on the same outlooks that places are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orders.statute import facets
from orders.statute.deadlines import deadlines
from orders.statute.effects import effective
from orders.statute.facts import DAWN, FAR, Assessment, OrderFacts, Outlook
from orders.statute.holidays import Holidays
from orders.statute.kinds import KINDS
from orders.statute.standing import INSTANT, followers_determine, tiling
from orders.statute.why import at_least, flags, reasons


def assess(facts: OrderFacts, at: datetime, holidays: Holidays) -> Assessment:
    """What the register says of an order at an instant (UTC). Counts only what has taken effect by then."""
    known = effective(facts.kind, facts.events)
    tiles = [tile for tile in tiling(facts, holidays, known) if tile.valid_from <= at]
    now = tiles[-1]
    standing = now.standing_at(at)
    effects = [effect for effect in known if effect.at <= at]
    determinations = [found for found in followers_determine(facts) if found.at <= at]
    return Assessment(
        at=at,
        standing=standing,
        ended_by=now.ended_by if standing == "ended" else None,
        in_force=intervals(tiles, is_notice=KINDS[facts.kind].is_notice),
        offence_provable=_offence_provable(facts, now, standing, at),
        service=facets.service(effects),
        pnc=facets.pnc(effects, standing),
        review=facets.review(facts.kind, effects, standing, at),
        deadlines=deadlines(facts, effects, determinations, at, holidays),
        why=reasons(facts, now, effects, determinations, at, holidays),
        flags=flags(facts, effects, determinations, at),
        ended_at=now.ended_from if standing == "ended" and now.ended_from > DAWN else None,
        at_least=at_least(KINDS[facts.kind], now, effects),
    )


def intervals(tiles: Sequence[Outlook], *, is_notice: bool) -> tuple[tuple[datetime, datetime | None], ...]:
    """When the order was, is and as far as is known will be in force: half-open, oldest first, None for no end.

    `tiles` are the outlooks until the instant asked about. Of a notice not heard the interval ends at the deadline.
    """
    found: list[tuple[datetime, datetime]] = []
    for tile in tiles:
        last = tile is tiles[-1]
        starts = max(tile.live_from, tile.valid_from)
        ends = tile.live_until if last else min(tile.live_until, tile.valid_until)
        if starts >= ends or starts >= FAR:
            continue
        if found and found[-1][1] >= starts:
            starts = found.pop()[0]
        found.append((starts, ends))
    shown: list[tuple[datetime, datetime | None]] = []
    for starts, ends in found:
        if ends >= FAR:
            shown.append((starts, None))
        elif is_notice and ends.microsecond == INSTANT.microseconds and ends == tiles[-1].live_until:
            shown.append((starts, ends - INSTANT))
        else:
            shown.append((starts, ends))
    return tuple(shown)


def _offence_provable(facts: OrderFacts, now: Outlook, standing: str, at: datetime) -> bool | None:
    if not KINDS[facts.kind].is_offence:
        return None
    return standing == "live" and now.offence_from is not None and now.offence_from <= at
