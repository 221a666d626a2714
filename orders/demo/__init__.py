"""Demonstration data: invented orders of invented people, made as extract bundles and imported like any other."""

from __future__ import annotations

from typing import NamedTuple


class SignIn(NamedTuple):
    """A demonstration account. `force` and `area` are codes; the area is where "my area" begins."""

    username: str
    password: str
    who: str
    roles: tuple[str, ...]
    force: str
    area: str
    sees_secret_places: bool = False


PASSWORD = "demonstration-only"  # noqa: S105 - it is printed for everybody

SIGN_INS = (
    SignIn("walsall", PASSWORD, "a supervisor in Walsall", ("supervisor",), "WMP", "WMP-WAL"),
    SignIn("manager", PASSWORD, "a manager, whole force", ("viewer",), "WMP", "WMP"),
    SignIn("team", PASSWORD, "the civil orders team, sees secret places", ("civil_orders_team",), "WMP", "WMP", True),
    SignIn("auditor", PASSWORD, "an auditor: who looked, no orders", ("auditor",), "WMP", "WMP"),
    SignIn("admin", PASSWORD, "an administrator: users and areas, no orders", ("administrator",), "WMP", "WMP"),
    SignIn("nextdoor", PASSWORD, "a viewer in another force, who sees almost nothing", ("viewer",), "STF", "STF"),
)
