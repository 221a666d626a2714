"""One order as a row of HTML and as lines of text. Composed here, not in a template: an email has hundreds of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from html import escape

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from notifications.news import Line
from orders.statute import KINDS, LONDON

LINK = "color:#1a5a96"

SOON_DAYS = 60
"""Of an end that is further off, the days left tell nobody anything."""

_HEAD = (
    '<table class="rows" width="100%" cellpadding="4" cellspacing="0" border="0" '
    'style="font-size:15px;line-height:20px"><caption style="display:none">{title}</caption>\n'
    '<tr><th scope="col" align="left" width="38%">Order and subject</th>'
    '<th scope="col" align="left" width="32%">Where</th><th scope="col" align="left" width="30%">State</th></tr>\n'
)


def table(title: str, lines: Iterable[Line], on: date) -> SafeString:
    """Orders as a table of data; `on` is the local day of the email, from which days are counted."""
    rows = "".join(_row(line, on) for line in lines)
    return mark_safe(f"{_HEAD.format(title=escape(title))}{rows}</table>") if rows else SafeString("")  # noqa: S308 - escaped


def short(lines: Iterable[Line]) -> SafeString:
    """Orders written shorter, a line of HTML each."""
    return mark_safe("".join(f"{escape(_brief(line))}<br>" for line in lines))  # noqa: S308 - escaped


def plain(lines: Iterable[Line], on: date) -> str:
    """Orders as text, two lines each."""
    return "".join(
        f"- {line.kind} {line.reference}, {line.who}{_after('; ', _where(line))}\n"
        f"  {'; '.join(filter(None, (line.note, _state(line, on), *line.flags)))}\n"
        for line in lines
    )


def plain_short(lines: Iterable[Line]) -> str:
    """Orders as text written shorter, one line each."""
    return "".join(f"- {_brief(line)}\n" for line in lines)


def _row(line: Line, on: date) -> str:
    why = [f"<b>{escape(line.note)}</b>"] if line.note else []
    state = "<br>".join([*why, escape(_state(line, on)), *(f"<b>{escape(flag)}</b>" for flag in line.flags)])
    return (
        f'<tr><td class="first" valign="top"><a href="{_address(line)}" style="{LINK};word-break:break-all">'
        f"{escape(line.reference)}</a> {line.kind}<br><b>{escape(line.who)}</b></td>"
        f'<td valign="top">{escape(_where(line))}</td><td valign="top">{state}</td></tr>\n'
    )


def _brief(line: Line) -> str:
    return f"{line.kind} {line.reference} {line.who}{f' ({line.note})' if line.note else ''}"


def _where(line: Line) -> str:
    return " – ".join(part for part in (", ".join(line.where), " and ".join(line.roles)) if part)


def _state(line: Line, on: date) -> str:
    """How it stands, and how long if that is soon; why it is in its section comes before."""
    if line.standing != "live":
        return line.standing if line.until is None or line.standing != "ended" else f"ended {_end(line.until)}"
    if line.until is None:
        return "until determined" if KINDS[line.kind].is_notice else "until further order"
    return f"ends {_end(line.until)}{_left(line.until, on)}"


def _after(words: str, text: str) -> str:
    return words + text if text else ""


def _left(until: datetime, on: date) -> str:
    days = (_last_day(until) - on).days
    if days > SOON_DAYS:
        return ""
    return " (today)" if days <= 0 else " (1 day left)" if days == 1 else f" ({days} days left)"


def _last_day(until: datetime) -> date:
    """The last local day of what ends at an instant, the first outside: a midnight is the end of the day before."""
    local = until.astimezone(LONDON)
    day = local.date()
    return date.fromordinal(day.toordinal() - 1) if _midnight(local) else day


def _end(until: datetime) -> str:
    local, last = until.astimezone(LONDON), _last_day(until)
    words = f"{last.day} {last:%b %Y}"
    return words if _midnight(local) else f"{words} {local:%H:%M}"


def _midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _address(line: Line) -> str:
    before, after = _around_an_id()
    return f"{settings.BASE_URL}{before}{line.public_id}{after}"


@cache
def _around_an_id() -> tuple[str, str]:
    """What stands before and after the id of an order in the address of its page."""
    nobody = "00000000-0000-0000-0000-000000000000"
    before, _, after = reverse("orders:order", args=[nobody]).partition(nobody)
    return before, after
