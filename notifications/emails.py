"""From news to a message, text and HTML; no database. An email leaves the building: it names no protected person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from notifications.digest import Line, News, Section
from orders.statute import KINDS, LONDON

PER_SECTION = 25
LIVE_LISTED = 60
LARGEST = 90_000
"""Bytes of HTML beyond which mail programs cut a message short."""


@dataclass(frozen=True, slots=True)
class Written:
    """A digest as it will be sent."""

    subject: str
    text: str
    html: str


def write(news: News) -> Written:
    """The message of one area. Longer than mail programs show, the lists are shortened and say so."""
    for listed in (LIVE_LISTED, 30, 10, 0):
        shown = _context(news, listed)
        html = css_inline.inline(render_to_string("notifications/digest.html", shown))
        if len(html.encode()) <= LARGEST:
            break
    return Written(subject(news), render_to_string("notifications/digest.txt", shown), html)


def subject(news: News) -> str:
    """Marking, area, day and counts: never a name."""
    day = f"{news.day:%a %d %b %Y}"
    counts = news.counts
    parts = [
        f"{counts['new']} new",
        f"{counts['expiring']} expiring",
        f"{counts['deadlines']} deadline{'' if counts['deadlines'] == 1 else 's'}",
    ]
    return f"{settings.PROTECTIVE_MARKING} | Civil orders | {news.area.name} | {day} | {', '.join(parts)}"


def message(written: Written, *, address: str, message_id: str) -> EmailMultiAlternatives:
    """The message to one address. Every try has the same Message-ID (RFC 5322 s.3.6.4): copies are seen as one."""
    found = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        to=[address],
        headers={
            "Message-ID": message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Sensitivity": "Company-Confidential",
        },
    )
    found.attach_alternative(written.html, "text/html")
    return found


def _context(news: News, listed: int) -> dict[str, Any]:
    neighbourhoods, left = [], listed
    for section in news.by_neighbourhood:
        shown = section.lines[: max(0, left)]
        left -= len(shown)
        neighbourhoods.append(_section(section, shown))
    return {
        "area": news.area.name,
        "marking": settings.PROTECTIVE_MARKING,
        "demonstration": settings.DEMONSTRATION,
        "contact": settings.CIVIL_ORDERS_CONTACT,
        "heading": f"{news.area.name}: civil orders at {_time(news.at)} on {_day(news.at)}",
        "sentence": _sentence(news.counts),
        "sections": [_section(section, section.lines[:PER_SECTION]) for section in news.sections],
        "neighbourhoods": neighbourhoods,
        "live": news.counts["live"],
        "since": "" if news.since is None else f"{_time(news.since)} on {_day(news.since)}",
        "extracted": "" if news.extracted_at is None else f"{_time(news.extracted_at)} on {_day(news.extracted_at)}",
        "not_applied": news.not_applied,
        "list_url": f"{settings.BASE_URL}{reverse('orders:search')}?area={news.area.code}&standing=live",
    }


def _section(section: Section, shown: tuple[Line, ...]) -> dict[str, Any]:
    return {
        "title": section.title,
        "count": len(section.lines),
        "lines": [_line(line) for line in shown],
        "more": len(section.lines) - len(shown),
    }


def _line(line: Line) -> dict[str, Any]:
    until = "until further order"
    if line.standing == "live" and line.until is not None:
        until = f"ends {_end(line.until)}"
    elif line.standing == "live" and KINDS[line.kind].is_notice:
        until = "until determined"
    elif line.standing != "live":
        until = line.standing
    where = ", ".join(line.where)
    roles = " and ".join(line.roles)
    return {
        "reference": line.reference,
        "kind": line.kind,
        "who": line.who,
        "where": " – ".join(part for part in (where, roles) if part),
        "until": until,
        "note": line.note,
        "flags": line.flags,
        "url": f"{settings.BASE_URL}{reverse('orders:order', args=[line.public_id])}",
    }


def _sentence(counts: dict[str, int]) -> str:
    return (
        f"{counts['new']} new. {counts['deadlines']} with a deadline running. {counts['unserved']} not served. "
        f"{counts['expiring']} end within 14 days. {counts['live']} live."
    )


def _time(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"


def _day(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y}"


def _end(at: datetime) -> str:
    """An end, the first instant outside: a midnight is the end of the day before."""
    local = at.astimezone(LONDON)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        before = date.fromordinal(local.date().toordinal() - 1)
        return f"{before.day} {before:%b %Y}"
    return f"{local.day} {local:%b %Y %H:%M}"
