"""The daily email as a Django application."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Reads the register; the register knows nothing of it."""

    name = "notifications"
    verbose_name = "Daily email"
    default_auto_field = "django.db.models.BigAutoField"
