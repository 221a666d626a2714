"""The pack for the board's sitting: an order a page, as plain data and as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from orders.models import Area, Condition
from orders.record import facts
from orders.reviews.month import Review
from orders.search.results import condition_runs
from orders.statute import EVENT_KINDS, KINDS, Effective, OrderFacts, effective
from orders.templatetags.order_words import day, end, moment

FONTS = Path(settings.BASE_DIR) / "ordersite" / "static" / "build"


@dataclass(frozen=True, slots=True)
class Page:
    """What the board reads of one order: who is bound, until when, what is forbidden, and what has happened since.

    Nothing of a protected person, and no words of a restricted order that the reader has not opened.
    """

    review: Review
    title: str
    facts: tuple[tuple[str, str], ...]
    forbidden: tuple[str, ...]
    happened: tuple[tuple[str, str], ...]


def pages(found: Sequence[Review], now: datetime) -> list[Page]:
    """The pages of a month's list, in its order, in a constant number of queries."""
    open_ids = [one.result.order.pk for one in found if not one.result.hidden]
    known = facts.load(open_ids)
    forbidden: dict[int, list[str]] = {}
    rows = Condition.objects.filter(order_id__in=open_ids, superseded__isnull=True).order_by("code", "source_ref")
    for condition in rows:
        if condition_runs(condition, now):
            forbidden.setdefault(condition.order_id, []).append(condition.code)
    return [_page(one, known.get(one.result.order.pk), forbidden.get(one.result.order.pk, []), now) for one in found]


def _page(one: Review, known: OrderFacts | None, codes: list[str], now: datetime) -> Page:
    order, result = one.result.order, one.result
    if result.hidden or known is None:
        return Page(one, f"{order.reference}: restricted", (("Standing", result.assessment.standing),), (), ())
    person = result.perpetrator
    name = "" if person is None else f"{person.family_name.upper()}, {person.given_names}".rstrip(", ")
    happened = [effect for effect in effective(known.kind, known.events) if effect.at <= now]
    listed = (
        ("Order", f"{KINDS[order.kind].name} {order.reference}"),
        ("Born", "not known" if person is None or person.date_of_birth is None else day(person.date_of_birth)),
        ("Standing", f"{result.assessment.standing}, until {end(result.in_force_until)}"),
        ("Service", result.assessment.service),
        ("PNC", result.assessment.pnc),
        ("Lives in", ", ".join(place.name for place in result.areas if place.level == "lpa") or "not placed"),
        ("Last review", "none" if one.last is None else f"{day(one.last.event.at)}: {one.last.event.text}"),
        ("Review", f"{one.state}, due {day(one.due_on)}" if one.due_on else one.state),
        ("Breaches since", str(one.breaches)),
    )
    return Page(one, name, listed, result.conditions, tuple((moment(e.at), _said(e)) for e in happened[-12:]))


def _said(effect: Effective) -> str:
    """An event without its text, which may name a protected person."""
    return EVENT_KINDS[effect.kind].label if effect.kind in EVENT_KINDS else effect.kind


class _Sheet(FPDF):
    """A4 with the marking at the top and the foot of every page, and who took it when."""

    def __init__(self, *, marking: str, taken: str) -> None:
        super().__init__(format="A4")
        self.marking, self.taken = marking, taken
        for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("Sans", style, FONTS / name)
        self.set_margins(18, 24, 18)
        self.set_auto_page_break(auto=True, margin=22)

    def header(self) -> None:
        """The marking."""
        self.set_y(10)
        self.set_font("Sans", "B", 10)
        self.cell(0, 6, self.marking, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(24)

    def footer(self) -> None:
        """The marking again, who took it, and the page."""
        self.set_y(-16)
        self.set_font("Sans", "", 8)
        self.cell(0, 5, f"{self.marking} – {self.taken} – page {self.page_no()}", align="C")


def as_pdf(area: Area, month: str, found: Sequence[Page], *, marking: str, taken: str) -> bytes:
    """The pack as PDF, an order a page. `taken`: by whom and when."""
    sheet = _Sheet(marking=marking, taken=taken)
    sheet.set_title(f"Reviews of {area.name}, {month}")
    if not found:
        sheet.add_page()
        _line(sheet, f"{area.name}: reviews of {month}", size=16, bold=True)
        _line(sheet, "None is due.")
    for number, page in enumerate(found, 1):
        sheet.add_page()
        _line(sheet, f"{area.name}: reviews of {month}, {number} of {len(found)}", size=9)
        _line(sheet, page.title, size=16, bold=True)
        for words, value in page.facts:
            _pair(sheet, words, value)
        if page.forbidden:
            _line(sheet, "Must not", size=12, bold=True)
            _line(sheet, "; ".join(page.forbidden))
        if page.happened:
            _line(sheet, "What has happened", size=12, bold=True)
            for at, said in page.happened:
                _pair(sheet, at, said)
        _line(sheet, "The board's decision", size=12, bold=True)
        for blank in ("Decision", "Action", "Owner", "Next review"):
            _pair(sheet, blank, "_" * 50)
    return bytes(sheet.output())


def _line(sheet: FPDF, words: str, *, size: int = 10, bold: bool = False) -> None:
    sheet.set_font("Sans", "B" if bold else "", size)
    sheet.multi_cell(0, size * 0.6, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.ln(1.5)


def _pair(sheet: FPDF, words: str, value: str) -> None:
    sheet.set_font("Sans", "B", 10)
    sheet.cell(48, 6, words)
    sheet.set_font("Sans", "", 10)
    sheet.multi_cell(0, 6, value or "–", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
