"""The spreadsheet that may go with an email whose list was cut: what the email says, in full. Off unless switched on.

An attachment escapes access control and the log of who looked, so DIGEST_ATTACH is a decision of the force's.
"""

from __future__ import annotations

import io

import xlsxwriter
from django.conf import settings

from notifications.news import Line, News
from orders.statute import LONDON

COLUMNS = ("Reference", "Kind", "Subject", "Neighbourhood", "Standing", "Ends", "Why it is here", "Flags")


def write(news: News) -> bytes:
    """Sheets About, New, Changed and Live; every cell is text, so that none is a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    about = book.add_worksheet("About")
    at = news.at.astimezone(LONDON)
    for number, words in enumerate(
        (settings.PROTECTIVE_MARKING, f"Civil orders, {news.area.name}", f"As at {at:%d %B %Y, %H:%M}",
         "Check the register before acting.", settings.PROTECTIVE_MARKING)
    ):  # fmt: skip
        about.write_string(number, 0, words)
    for title, lines in (
        ("New", news.sections[1].lines), ("Changed", news.sections[2].lines), ("Live", news.live.lines),
    ):  # fmt: skip
        page = book.add_worksheet(title)
        for column, words in enumerate(COLUMNS):
            page.write_string(0, column, words)
        for row, line in enumerate(lines, 1):
            for column, words in enumerate(_cells(line)):
                page.write_string(row, column, words)
    book.close()
    return out.getvalue()


def _cells(line: Line) -> tuple[str, ...]:
    until = "" if line.until is None else f"{line.until.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return (
        line.reference, line.kind, line.who, ", ".join(line.where), line.standing, until, line.note,
        ", ".join(line.flags),
    )  # fmt: skip
