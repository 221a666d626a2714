"""From news to words: subject, text and HTML. No database. An email leaves the building: it names no protected person.

As many lines are written out as fit in LARGEST bytes. Deadlines, new and changed are never cut: where there are very
many they are written shorter, in the end as references alone.
"""

from __future__ import annotations

import binascii
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from notifications import lines
from notifications.models import Mode
from notifications.news import Figure, News, Section
from orders.statute import LONDON, local_day

LARGEST = 90_000
"""Bytes of text and HTML together, as they travel: mail programs cut a message short at 102,400."""

WIDTH = 78
LIVE_LISTED = 60
MOST_REFERENCES = 1_500
"""References alone that an email can hold; beyond it says how many more and where they are."""


@dataclass(frozen=True, slots=True)
class Written:
    """The words of an email. `cut` says that not every live order is written out."""

    subject: str
    text: str
    html: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is written out: lines of the live, of a section, and how the sections look that are never cut."""

    live: int
    section: int
    whole: str


_ROOMS = (
    _Room(LIVE_LISTED, 25, "full"),
    _Room(25, 10, "full"),
    _Room(0, 5, "full"),
    _Room(0, 5, "short"),
    _Room(0, 0, "bare"),
)


def write(news: News, mode: str = Mode.FULL) -> Written:
    """The email of one area: as full as fits."""
    for room in _ROOMS:
        written = _written(news, mode, room)
        if size(written) <= LARGEST:
            break
    return written


def size(written: Written) -> int:
    """Bytes of the text and HTML as they travel, in quoted-printable (RFC 2045 s.6.7)."""
    return sum(len(binascii.b2a_qp(part.encode())) for part in (written.text, written.html))


def subject(news: News) -> str:
    """Marking, area, day and counts: never a name. A dated subject also keeps mail programs from joining days."""
    counts = news.counts
    return (
        f"[{settings.PROTECTIVE_MARKING}] Civil orders {news.area.name} {news.day.day} {news.day:%b}: "
        f"{counts['new']} new, {counts['unserved']} not served, {counts['live']} live"
    )


def _written(news: News, mode: str, room: _Room) -> Written:
    names, on, search = mode == Mode.FULL, local_day(news.at), f"{settings.BASE_URL}{reverse('orders:search')}"
    sections = [_section(section, room, search, on, names=names) for section in news.sections]
    live_lines = news.live.lines[: room.live] if names else ()
    context = {
        "area": news.area.name,
        "marking": settings.PROTECTIVE_MARKING,
        "demonstration": settings.DEMONSTRATION,
        "contact": settings.CIVIL_ORDERS_CONTACT,
        "heading": f"{news.area.name}: civil orders at {_time(news.at)} on {_day(news.at)}",
        "sentence": _sentence(news),
        "covers": _covers(news.covers),
        "sections": sections,
        "names": names,
        "ending": _figures(news.ending, search),
        "neighbourhoods": _by_neighbourhood(news.neighbourhoods, search),
        "live": {
            "count": news.live.count,
            "url": _url(search, news.live.query),
            "table": lines.table("All live", live_lines, on),
            "plain": lines.plain(live_lines, on),
            "more": news.live.count - len(live_lines),
        },
        "not_placed": {"count": news.not_placed.count, "url": _url(search, news.not_placed.query)},
        "since": "" if news.since is None else f"{_time(news.since)} on {_day(news.since)}",
        "extracted": "" if news.extracted_at is None else f"{_time(news.extracted_at)} on {_day(news.extracted_at)}",
        "not_applied": news.not_applied,
        "settings_url": f"{settings.BASE_URL}{reverse('notifications:emails')}",
    }
    cut = names and (len(live_lines) < news.live.count or any(section["more"] for section in sections))
    html = get_template("notifications/digest.html").render(context)
    return Written(subject(news)[:250], wrapped(get_template("notifications/digest.txt").render(context)), html, cut)


def wrapped(text: str) -> str:
    """Lines of at most WIDTH characters; an address is never broken, because it would no longer open."""
    found = []
    for line in text.splitlines():
        if len(line) <= WIDTH:
            found.append(line.rstrip())
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        found += textwrap.wrap(
            line, WIDTH, subsequent_indent=indent + ("  " if line.lstrip()[:2] == "- " else ""), drop_whitespace=True,
            break_long_words=False, break_on_hyphens=False,
        ) or [""]  # fmt: skip
    return "\n".join(found) + "\n"


def _sentence(news: News) -> str:
    counts = news.counts
    deadlines = "1 deadline running" if counts["deadlines"] == 1 else f"{counts['deadlines']} deadlines running"
    return (
        f"{counts['new']} new. {deadlines}. {counts['unserved']} not served. "
        f"{counts['ending']} end within 7 days. {counts['live']} live."
    )


def _covers(days: tuple[date, ...]) -> str:
    if len(days) < 2:
        return ""
    words = [f"{day:%A} {day.day} {day:%B}" for day in days]
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _section(section: Section, room: _Room, search: str, on: date, *, names: bool) -> dict[str, Any]:
    form = room.whole if section.whole else "full"
    shown = section.lines if section.whole else section.lines[: room.section]
    if not names:
        shown = ()
    references = [line.reference for line in shown[:MOST_REFERENCES]] if form == "bare" else []
    whole, brief = (shown if form == "full" else ()), (shown if form == "short" else ())
    return {
        "title": section.title,
        "count": section.count,
        "url": _url(search, section.query),
        "table": lines.table(section.title, whole, on) or lines.short(brief),
        "plain": lines.plain(whole, on) or lines.plain_short(brief),
        "references": ", ".join(references),
        "more": section.count - (len(references) if form == "bare" else len(shown)),
    }


def _figures(figures: Sequence[Figure], search: str) -> dict[str, str]:
    """Numbers with their words after them; in HTML each opens its search."""
    return {
        "html": format_html_join(
            ", ", '<a href="{}" style="{}">{} {}</a>',
            ((_url(search, one.query), lines.LINK, one.count, one.words) for one in figures),
        ),
        "plain": ", ".join(f"{one.count} {one.words}" for one in figures),
    }  # fmt: skip


def _by_neighbourhood(figures: Sequence[Figure], search: str) -> dict[str, str]:
    """Each neighbourhood with its number, which in HTML opens its search; those without an order by name alone."""
    some = [one for one in figures if one.count]
    none = ", ".join(one.words for one in figures if not one.count)
    if not figures:
        return {"html": "", "plain": ""}
    linked = format_html_join(
        ", ", '{} <a href="{}" style="{}">{}</a>',
        ((one.words, _url(search, one.query), lines.LINK, one.count) for one in some),
    )  # fmt: skip
    after = f"{'. None in' if some else 'None in'} {none}" if none else ""
    return {
        "html": format_html("{}{}", linked, after),
        "plain": ", ".join(f"{one.words} {one.count}" for one in some) + after,
    }


def _url(search: str, query: dict[str, str]) -> str:
    return f"{search}?{urlencode(query)}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"


def _day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"
