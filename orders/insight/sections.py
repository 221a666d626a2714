"""The sections of the figures page: each a table, and a chart of the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orders.insight.charts import Chart, Series, bars, lines
from orders.insight.figures import BAND, FEW, Duration, Figures
from orders.models import Area
from orders.statute import KINDS

NOT_KNOWN = "n/a"


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of words; the first of each row is what the row is of. `total` is a last row, or nothing."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()

    @property
    def all_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows with the total."""
        return (*self.rows, self.total) if self.total else self.rows


@dataclass(frozen=True, slots=True)
class Section:
    """A figure: `name` stands in addresses; `definition` says exactly what is counted."""

    name: str
    title: str
    definition: str
    table: Table
    chart: Chart | None


def sections(found: Figures, area: Area) -> list[Section]:
    """All sections for one of the areas of some figures."""
    return [make(found, area) for make in _SECTIONS.values()]


def section(name: str, found: Figures, area: Area) -> Section:
    """The one of a name. Raises KeyError."""
    return _SECTIONS[name](found, area)


def percent(value: Fraction | None) -> str:
    """A share in words: "6.7%", or "n/a" where there is none."""
    return NOT_KNOWN if value is None else f"{float(value * 100):.1f}%"


def _applications(found: Figures, area: Area) -> Section:
    def of(name: str, month: date) -> int:
        return found.counts[name].get((month, area.pk), 0)

    counted = ("granted", "refused", "withdrawn", "breached_DVPO")
    rows = tuple(
        (
            _month(month),
            *(str(of(name, month)) for name in counted[:3]),
            str(found.undecided.get((month, area.pk), 0)),
            str(of("breached_DVPO", month)),
            _percent_of(found.share_not_granted(area, [month]), of("granted", month) + of("refused", month)),
        )
        for month in found.period
    )
    totals = {name: found.total(name, area) for name in counted}
    return Section(
        "applications",
        "DVPO applications and breaches",
        "Granted: DVPOs made. Not granted: applications refused, on the record of the notice or of the order. Both, "
        "and those withdrawn, by the month of the decision. Breaches: of DVPOs, reported, by the month of the breach. "
        "Share not granted: refused of those granted or refused. No decision: notices in force or unconfirmed at the "
        "month's end.",
        Table(
            ("Month", "Granted", "Not granted", "Withdrawn", "No decision", "Breaches", "Share not granted"),
            rows,
            (
                "Period", *(str(totals[name]) for name in counted[:3]), "", str(totals["breached_DVPO"]),
                percent(found.share_not_granted(area, found.period)),
            ),
        ),
        bars(
            _short(found),
            [
                Series("granted", tuple(of("granted", month) for month in found.period)),
                Series("not granted", tuple(of("refused", month) for month in found.period)),
                Series("breaches", tuple(of("breached_DVPO", month) for month in found.period)),
            ],
        ),
    )  # fmt: skip


def _rate(found: Figures, area: Area) -> Section:
    shares = [found.share_served(area, [month]) for month in found.period]
    known = found.months_known(area)
    return Section(
        "dvpn-rate",
        "DVPNs served as a share of arrests",
        "DVPNs served, by the month of service, of arrests for violent domestic abuse offences in the same month and "
        "area, as custody counted them. 5% to 16% is expected. Without arrests, or with none, it is n/a.",
        Table(
            ("Month", "DVPNs served", "Arrests", "Share", "Against 5% to 16%"),
            tuple((_month(month), *_served(found, area, [month])) for month in found.period),
            (f"Months with arrests known ({len(known)})", *_served(found, area, known)),
        ),
        lines(
            _short(found),
            [Series("share of arrests", tuple(None if one is None else round(float(one * 100), 1) for one in shares))],
            unit="%",
            band=(float(BAND[0] * 100), float(BAND[1] * 100)),
        ),
    )


def _rate_by_area(found: Figures, area: Area) -> Section:
    rows = []
    for one in found.areas:
        known = found.months_known(one)
        rows.append((one.name, f"{len(known)} of {len(list(found.period))}", *_served(found, one, known)))
    return Section(
        "dvpn-rate-by-area",
        "The same by area, over the months with arrests known",
        "An order counts in each local policing area in which either of its people lived at service, and once in the "
        "force, so the areas do not add up to the force.",
        Table(("Area", "Months known", "DVPNs served", "Arrests", "Share", "Against 5% to 16%"), tuple(rows)),
        None,
    )


def _served(found: Figures, area: Area, months: list[date]) -> tuple[str, ...]:
    """DVPNs served, arrests, the share, and where it lies."""
    served = sum(found.counts["dvpn_served"].get((month, area.pk), 0) for month in months)
    arrests, value = found.arrests_in(area, months), found.share_served(area, months)
    words = percent(value) + (" (few)" if value is not None and served < FEW else "")
    return str(served), NOT_KNOWN if arrests is None else str(arrests), words, _against(value)


def _per_month(found: Figures, area: Area) -> Section:
    names = ("dvpn_served", "dvpo_made")
    columns = [tuple(found.counts[name].get((month, area.pk), 0) for month in found.period) for name in names]
    return Section(
        "notices-and-orders",
        "DVPNs and DVPOs",
        "DVPNs by the month of service, DVPOs by the month in which they were made.",
        Table(
            ("Month", "DVPNs served", "DVPOs made"),
            tuple((_month(month), *(str(column[n]) for column in columns)) for n, month in enumerate(found.period)),
            ("Period", *(str(found.total(name, area)) for name in names)),
        ),
        bars(_short(found), [Series("DVPNs served", columns[0]), Series("DVPOs made", columns[1])]),
    )


def _live(found: Figures, area: Area) -> Section:
    names = {"SPO": "SPOs", "ISPO": "Interim SPOs", "NMO": "NMOs"}
    columns = {kind: tuple(found.live[kind].get((month, area.pk), 0) for month in found.period) for kind in names}
    return Section(
        "live",
        "SPOs, interim SPOs and NMOs live",
        "How many were in force at the end of each month (in a month that is not over: now). A snapshot, never a sum.",
        Table(
            ("Month", *names.values()),
            tuple((_month(month), *(str(columns[kind][n]) for kind in names)) for n, month in enumerate(found.period)),
        ),
        lines(_short(found), [Series(words, columns[kind]) for kind, words in names.items()]),
    )


def _breaches(found: Figures, area: Area) -> Section:
    rows = [(f"{rules.name} ({kind})", found.total(f"breached_{kind}", area)) for kind, rules in KINDS.items()]
    return Section(
        "breaches",
        "Breaches reported, by kind",
        "By the month of the breach, over the period; those recorded in error are left out.",
        Table(
            ("Kind of order", "Breaches"),
            tuple((words, str(count)) for words, count in rows if count) or (("None", "0"),),
            ("All kinds", str(sum(count for _, count in rows))),
        ),
        None,
    )


def _took(
    name: str, title: str, key: str, begun: str, done: str, definition: str
) -> Callable[[Figures, Area], Section]:
    def make(found: Figures, area: Area) -> Section:
        months = [found.durations[key].get((month, area.pk), Duration(0, None, None, 0)) for month in found.period]
        return Section(
            name,
            title,
            definition,
            Table(
                ("Month", begun, done, "Middle", "Longest", "Not yet, or not known"),
                tuple(
                    (
                        _month(month), str(one.known + one.waiting), str(one.known),
                        _time(one.middle) + (" (few)" if 0 < one.known < FEW else ""), _time(one.longest),
                        str(one.waiting),
                    )
                    for month, one in zip(found.period, months, strict=True)
                ),
            ),
            lines(
                _short(found),
                [Series("middle, days", tuple(one.middle and round(one.middle / 24, 1) for one in months))],
            ),
        )  # fmt: skip

    return make


_SECTIONS: dict[str, Callable[[Figures, Area], Section]] = {
    "applications": _applications,
    "dvpn-rate": _rate,
    "dvpn-rate-by-area": _rate_by_area,
    "notices-and-orders": _per_month,
    "live": _live,
    "breaches": _breaches,
    "to-hearing": _took(
        "to-hearing", "From a DVPN to its hearing", "to_hearing", "DVPNs served", "Heard",
        "From service to the first hearing, or to the decision where no hearing is recorded, by the month of service.",
    ),
    "to-service": _took(
        "to-service", "From made to served", "to_service", "Orders made", "Served",
        "Court orders, from made to the first service, by the month in which they were made.",
    ),
    "to-pnc": _took(
        "to-pnc", "From made to PNC", "to_pnc", "Orders made", "On PNC",
        "Court orders, from made to the first time on the PNC, by the month in which they were made.",
    ),
}  # fmt: skip


def _month(month: date) -> str:
    return f"{month:%B %Y}"


def _short(found: Figures) -> list[str]:
    return [f"{month:%b %y}" for month in found.period]


def _percent_of(value: Fraction | None, whole: int) -> str:
    return percent(value) + (" (few)" if 0 < whole < FEW else "")


def _against(value: Fraction | None) -> str:
    if value is None:
        return NOT_KNOWN
    return "below" if value < BAND[0] else "above" if value > BAND[1] else "within"


def _time(hours: float | None) -> str:
    if hours is None:
        return NOT_KNOWN
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"
