"""What must be said of each order of the sample extract at four instants, worked out by hand from the domain brief."""

from __future__ import annotations

from typing import NamedTuple

INSTANTS = ("2024-04-10T12:00", "2026-07-22T14:59:59", "2026-09-05T12:00", "2026-11-20T12:00")
"""Local times."""


class Answer(NamedTuple):
    """One order at one instant. `in_force` are pairs in UTC; `deadlines` rule, due and whether met."""

    order: str
    at: str
    standing: str
    ended_by: str | None
    in_force: tuple[tuple[str, str | None], ...]
    provable: bool | None
    service: str
    pnc: str
    review: tuple[str, bool] | None = None
    deadlines: tuple[tuple[str, str, bool | None], ...] = ()


A, B, C, D = INSTANTS
_HEARD_1 = ("dvpn_hearing_latest_48h", "2024-04-02T21:00:00Z", True)
_CUSTODY_2 = ("dvpn_dvpo_custody_before_24h", "2024-04-22T22:25:00Z", None)
_REFUSED_3 = ("dvpn_hearing_latest_48h", "2024-02-12T22:00:00Z", True)
_NOTIFY_4 = ("spo_notification_last_day_3d", "2025-03-06T00:00:00Z", None)
_NOTIFY_5 = ("spo_notification_last_day_3d", "2026-06-07T23:00:00Z", None)
_HEARD_9 = ("dvpn_hearing_latest_48h", "2026-11-16T21:20:00Z", True)
_FORCE_1 = (("2024-03-28T22:00:00Z", "2024-04-02T10:15:00Z"),)
_FORCE_2 = (("2024-04-02T10:15:00Z", "2024-04-29T23:00:00Z"),)
_FORCE_3 = (("2024-02-09T22:00:00Z", "2024-02-12T15:00:00Z"),)
_FORCE_4 = (("2025-03-01T12:00:00Z", "2028-03-01T00:00:00Z"),)
_FORCE_6 = (("2026-07-22T14:00:00Z", None),)
_FORCE_7 = (("2026-06-12T15:00:00Z", "2027-06-11T23:00:00Z"),)
_FORCE_9 = (("2026-11-13T21:20:00Z", "2026-11-16T11:05:00Z"),)
_STAYED = ("2026-01-20T00:00:00Z", "2026-09-01T23:00:00Z")
_RESUMED = ("2026-09-08T23:00:00Z", None)
_FORCE_11 = (("2026-06-25T23:00:00Z", "2026-12-26T00:00:00Z"),)

ANSWERS = (
    # 1: served Thu 28 March 22:00, heard in time on 2 April, determined when the DVPO was made at 11:15 BST.
    *(Answer("CN-100001", at, "ended", "determined", _FORCE_1, None, "served", "off", None, (_HEARD_1,))
      for at in INSTANTS),
    # 2: made 2 April to the end of the 29th, served and on PNC the same day; the arrest of 20 April was on a Saturday.
    Answer("CN-100002", A, "live", None, _FORCE_2, None, "served", "on"),
    *(Answer("CN-100002", at, "ended", "expired", _FORCE_2, None, "served", "removal due", None, (_CUSTODY_2,))
      for at in (B, C, D)),
    # 3: refused on Monday afternoon, before the 48 hours (Sunday left out) were over.
    *(Answer("CN-100003", at, "ended", "refused", _FORCE_3, None, "served", "off", None, (_REFUSED_3,))
      for at in INSTANTS),
    # 4: applied for in 2025, so nothing in 2024. Reviews: a month after the making until the one of 6 October 2026.
    Answer("CN-100004", A, "pending", None, (), False, "not served", "off"),
    *(Answer("CN-100004", at, "live", None, _FORCE_4, True, "served", "on", ("2025-04-01", True), (_NOTIFY_4,))
      for at in (B, C)),
    Answer("CN-100004", D, "live", None, _FORCE_4, True, "served", "on", ("2026-11-03", True), (_NOTIFY_4,)),
    # 5: an interim, live until the last second before the full order of 22 July 15:00 replaced it. Never on PNC.
    Answer("CN-100005", A, "pending", None, (), False, "not served", "off"),
    Answer("CN-100005", B, "live", None, (("2026-06-03T13:00:00Z", "2026-08-31T23:00:00Z"),), True, "served",
           "awaiting", None, (_NOTIFY_5,)),
    *(Answer("CN-100005", at, "ended", "replaced", (("2026-06-03T13:00:00Z", "2026-07-22T14:00:00Z"),), False,
             "served", "off", None, (_NOTIFY_5,)) for at in (C, D)),
    # 6: made a second later than B, until further order; it follows an interim, so there is no new duty to notify.
    *(Answer("CN-100006", at, "pending", None, (), False, "not served", "off") for at in (A, B)),
    *(Answer("CN-100006", at, "live", None, _FORCE_6, True, "served", "on", ("2026-08-22", True)) for at in (C, D)),
    # 7: without notice and never served, but told on 17 June: breach is provable from then.
    Answer("CN-100007", A, "pending", None, (), False, "not served", "off"),
    *(Answer("CN-100007", at, "live", None, _FORCE_7, True, "told", "awaiting") for at in (B, C, D)),
    # 8: stayed from 2 September to the 9th, the first day outside: at C it is pending.
    Answer("CN-100008", A, "pending", None, (), False, "not served", "off"),
    Answer("CN-100008", B, "live", None, (("2026-01-20T00:00:00Z", None),), True, "served", "on",
           ("2027-01-20", False)),
    Answer("CN-100008", C, "pending", None, (_STAYED, _RESUMED), False, "served", "on"),
    Answer("CN-100008", D, "live", None, (_STAYED, _RESUMED), True, "served", "on", ("2027-01-20", False)),
    # 9: served Friday evening, 48 hours without the Sunday end on Monday 21:20; heard and determined that morning.
    *(Answer("CN-100009", at, "pending", None, (), None, "not served", "off") for at in (A, B, C)),
    Answer("CN-100009", D, "ended", "determined", _FORCE_9, None, "served", "off", None, (_HEARD_9,)),
    # 10: 28 days from 16 November, the last of them 13 December.
    *(Answer("CN-100010", at, "pending", None, (), None, "not served", "off") for at in (A, B, C)),
    Answer("CN-100010", D, "live", None, (("2026-11-16T11:05:00Z", "2026-12-14T00:00:00Z"),), None, "served",
           "awaiting"),
    # 11: an occupation order of six months less a day, made on a date.
    Answer("CN-100011", A, "pending", None, (), None, "not served", "off"),
    *(Answer("CN-100011", at, "live", None, _FORCE_11, None, "served", "awaiting") for at in (B, C, D)),
    # 12: authorised on the evening of the 19th and not served: a notice is in force from service.
    *(Answer("CN-100012", at, "pending", None, (), None, "not served", "off") for at in INSTANTS),
)  # fmt: skip
