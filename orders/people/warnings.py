"""What the warning signals of the Police National Computer say in words."""

from __future__ import annotations

SIGNALS = {
    "AT": "ailment",
    "CO": "contagious",
    "DR": "drugs",
    "ES": "escaper",
    "FI": "firearms",
    "IM": "impersonates",
    "MN": "mental health",
    "SO": "sex offender",
    "SU": "suicidal",
    "VI": "violent",
    "WE": "weapons",
}
"""By code, as the force's list has them; of another code nothing is made up."""
