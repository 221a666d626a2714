"""The pack for the board's sitting as PDF, an order a page.

Whoever needs it imports it then: the library of PDF and its fonts take twenty megabytes, and few ask for a pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from orders.models import Area
from orders.reviews.pack import Page

FONTS = Path(settings.BASE_DIR) / "ordersite" / "static" / "build"


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
