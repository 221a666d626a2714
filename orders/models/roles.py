"""The roles that a user may hold."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What a user may do. A user may hold several; `orders/access/permissions.py` says what each allows."""

    VIEWER = "viewer", "Viewer"
    SUPERVISOR = "supervisor", "Supervisor"
    CIVIL_ORDERS_TEAM = "civil_orders_team", "Civil orders team"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
