"""The table of the kinds of order: everything in which they differ, each with the Act it rests on.

Sources are given as they are cited to officers. What no authority settles is said in `docs/law.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Breach(Enum):
    """What it is to breach an order of a kind."""

    ARREST_ONLY = "arrest only"
    CONTEMPT = "contempt of court"
    OFFENCE = "an offence"


class Form(Enum):
    """How an order of a kind begins and ends."""

    NOTICE = "notice"  # given by police, in force from service until the application that follows is determined
    INTERIM = "interim"  # made by a court until the application is determined, at most until its fixed end
    ORDER = "order"  # made by a court until its stated end or until further order


@dataclass(frozen=True, slots=True)
class KindRules:
    """One kind of order.

    `least_days` or `least_months` is the shortest the Act allows, and how long an order is live whose stated end is not
    known (neither: not at all). `most_days` is the Act's maximum, beyond which nothing is in force. `custody` is the
    source of the 24-hour clock after an arrest for breach, `hearing_source` of the 48-hour clock after service,
    `notification_source` of the subject's duty to notify within three days of service, `notifies_source` of one of
    which the register counts no clock; `review_months` how often an order in force is reviewed.
    `least_age` is how old, in years, the person must be whom it binds.
    """

    code: str
    name: str
    act: str
    form: Form
    breach: Breach
    breach_source: str
    breach_words: str
    least_days: int | None = None
    least_months: int | None = None
    most_days: int | None = None
    open_ended: bool = True
    custody: str = ""
    hearing_source: str = ""
    notification_source: str = ""
    notifies_source: str = ""
    review_months: int | None = None
    least_age: int | None = None
    age_source: str = ""
    can_vary: bool = True

    @property
    def is_notice(self) -> bool:
        """Whether police give it without a court."""
        return self.form is Form.NOTICE

    @property
    def notifies(self) -> bool:
        """Whether who is bound must notify police of names and address, be it under this Act or another."""
        return bool(self.notification_source or self.notifies_source)

    @property
    def is_offence(self) -> bool:
        """Whether breach is an offence in itself."""
        return self.breach is Breach.OFFENCE


_FIVE_YEARS = "Breach without reasonable excuse is an offence (up to 5 years). Arrest under PACE 1984 s.24."
_NOTICE_BREACH = (
    "Breach is not an offence. It carries a power of arrest without warrant: hold, and bring before the court within "
    "24 hours, or at the hearing if that is earlier."
)
_CSA_24H = "Crime and Security Act 2010 s.29(1), (3)"

_ALL = (
    KindRules(
        "DVPN",
        "Domestic violence protection notice",
        "Crime and Security Act 2010 ss.24-26",
        Form.NOTICE,
        Breach.ARREST_ONLY,
        "Crime and Security Act 2010 s.25(1)(b)",
        _NOTICE_BREACH,
        open_ended=False,
        custody="Crime and Security Act 2010 s.26(1)-(4)",
        hearing_source="Crime and Security Act 2010 s.27(3)-(4)",
        can_vary=False,
        least_age=18,
        age_source="Crime and Security Act 2010 s.24(2)",
    ),
    KindRules(
        "DVPO",
        "Domestic violence protection order",
        "Crime and Security Act 2010 ss.27-30",
        Form.ORDER,
        Breach.CONTEMPT,
        "Crime and Security Act 2010 s.28(9); Magistrates' Courts Act 1980 s.63(3)",
        "Breach is contempt, not an offence. It carries a power of arrest without warrant: bring before a magistrates' "
        "court within 24 hours.",
        least_days=14,
        most_days=28,
        open_ended=False,
        custody=_CSA_24H,
        can_vary=False,
        least_age=18,
        age_source="Crime and Security Act 2010 ss.24(2), 27(1)",
    ),
    KindRules(
        "SPO",
        "Stalking protection order",
        "Stalking Protection Act 2019 ss.1-4",
        Form.ORDER,
        Breach.OFFENCE,
        "Stalking Protection Act 2019 s.8",
        _FIVE_YEARS,
        least_months=24,
        notification_source="Stalking Protection Act 2019 s.9",
        review_months=1,
    ),
    KindRules(
        "ISPO",
        "Interim stalking protection order",
        "Stalking Protection Act 2019 s.5",
        Form.INTERIM,
        Breach.OFFENCE,
        "Stalking Protection Act 2019 s.8",
        _FIVE_YEARS,
        open_ended=False,
        notification_source="Stalking Protection Act 2019 s.9",
    ),
    KindRules(
        "NMO",
        "Non-molestation order",
        "Family Law Act 1996 s.42",
        Form.ORDER,
        Breach.OFFENCE,
        "Family Law Act 1996 s.42A",
        "Breach without reasonable excuse is an offence (up to 5 years); of an order made without notice, once the "
        "respondent knows of it. Arrest under PACE 1984 s.24.",
        review_months=12,
    ),
    KindRules(
        "OCC",
        "Occupation order",
        "Family Law Act 1996 ss.33-38",
        Form.ORDER,
        Breach.CONTEMPT,
        "Family Law Act 1996 s.47",
        "Breach is contempt, not an offence. Arrest without warrant only where the court attached a power of arrest: "
        "then bring before a court within 24 hours.",
        custody="Family Law Act 1996 s.47(7)",
    ),
    KindRules(
        "RO",
        "Restraining order",
        "Sentencing Act 2020 ss.359-364; Protection from Harassment Act 1997 s.5A",
        Form.ORDER,
        Breach.OFFENCE,
        "Sentencing Act 2020 s.363",
        _FIVE_YEARS,
    ),
    KindRules(
        "PHAI",
        "Injunction against harassment",
        "Protection from Harassment Act 1997 ss.3, 3A",
        Form.ORDER,
        Breach.OFFENCE,
        "Protection from Harassment Act 1997 s.3(6)",
        "Breach without reasonable excuse is an offence (up to 5 years) or contempt. Arrest under PACE 1984 s.24.",
    ),
    KindRules(
        "DAPN",
        "Domestic abuse protection notice",
        "Domestic Abuse Act 2021 ss.22-26",
        Form.NOTICE,
        Breach.ARREST_ONLY,
        "Domestic Abuse Act 2021 s.26",
        _NOTICE_BREACH,
        open_ended=False,
        custody="Domestic Abuse Act 2021 s.26(3)-(4)",
        hearing_source="Domestic Abuse Act 2021 s.29(2)-(3)",
        can_vary=False,
        least_age=18,
        age_source="Domestic Abuse Act 2021 s.22",
    ),
    KindRules(
        "DAPO",
        "Domestic abuse protection order",
        "Domestic Abuse Act 2021 ss.27-49",
        Form.ORDER,
        Breach.OFFENCE,
        "Domestic Abuse Act 2021 s.39",
        _FIVE_YEARS,
        notifies_source="Domestic Abuse Act 2021 s.41",
        least_age=18,
        age_source="Domestic Abuse Act 2021 s.32",
    ),
    KindRules(
        "FMPO",
        "Forced marriage protection order",
        "Family Law Act 1996 s.63A",
        Form.ORDER,
        Breach.OFFENCE,
        "Family Law Act 1996 s.63CA",
        _FIVE_YEARS,
    ),
    KindRules(
        "FGMPO",
        "Female genital mutilation protection order",
        "Female Genital Mutilation Act 2003 Sch.2",
        Form.ORDER,
        Breach.OFFENCE,
        "Female Genital Mutilation Act 2003 Sch.2 para.4",
        _FIVE_YEARS,
    ),
    KindRules(
        "SHPO",
        "Sexual harm prevention order",
        "Sentencing Act 2020 ss.343-358; Sexual Offences Act 2003 s.103A",
        Form.ORDER,
        Breach.OFFENCE,
        "Sentencing Act 2020 s.354; Sexual Offences Act 2003 s.103I",
        _FIVE_YEARS,
        least_months=60,
        notifies_source="Sentencing Act 2020 s.352; Sexual Offences Act 2003 s.103G",
    ),
    KindRules(
        "ISHPO",
        "Interim sexual harm prevention order",
        "Sexual Offences Act 2003 s.103F",
        Form.INTERIM,
        Breach.OFFENCE,
        "Sexual Offences Act 2003 s.103I",
        _FIVE_YEARS,
        open_ended=False,
        notifies_source="Sexual Offences Act 2003 s.103G",
    ),
    KindRules(
        "SRO",
        "Sexual risk order",
        "Sexual Offences Act 2003 s.122A",
        Form.ORDER,
        Breach.OFFENCE,
        "Sexual Offences Act 2003 s.122H",
        _FIVE_YEARS,
        least_months=24,
        notifies_source="Sexual Offences Act 2003 s.122F",
    ),
    KindRules(
        "ISRO",
        "Interim sexual risk order",
        "Sexual Offences Act 2003 s.122E",
        Form.INTERIM,
        Breach.OFFENCE,
        "Sexual Offences Act 2003 s.122H",
        _FIVE_YEARS,
        open_ended=False,
        notifies_source="Sexual Offences Act 2003 s.122F",
    ),
)

KINDS: dict[str, KindRules] = {rules.code: rules for rules in _ALL}

NOTICES = frozenset(code for code, rules in KINDS.items() if rules.is_notice)
COURT_ORDERS = frozenset(KINDS) - NOTICES
REVIEWED = frozenset(code for code, rules in KINDS.items() if rules.review_months)

LEADS_TO = {"DVPN": "DVPO", "DAPN": "DAPO", "ISPO": "SPO", "ISHPO": "SHPO", "ISRO": "SRO"}
"""The order for which a notice or an interim stands until it is decided on: that alone follows it."""


def following_error(kind: str, followed: str) -> str:
    """Why an order of a kind cannot follow one of another, as a sentence without its stop; blank if it can.

    An interim is also followed by another of its kind. Orders that stand by themselves may follow each other: they end
    by their own events (contract, 3), so that no Act forbids it.
    """
    wanted = LEADS_TO.get(followed)
    if wanted is not None and kind not in (wanted, followed if KINDS[followed].form is Form.INTERIM else wanted):
        return f"{_a(kind, 'A')} does not follow {_a(followed)}, which leads to {_a(wanted)} ({KINDS[followed].act})"
    if kind == "DVPO" and followed != "DVPN":
        return f"A DVPO follows a DVPN, not {_a(followed)} (Crime and Security Act 2010 s.27(1))"
    return ""


def _a(code: str, article: str = "a") -> str:
    """A code after its article, as its letters are said: an SPO, a DVPO."""
    return f"{article}n {code}" if code[0] in "AEFHILMNORSX" else f"{article} {code}"
