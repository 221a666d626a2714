"""The register as a Django application."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """The register and its search; knows nothing of email."""

    name = "orders"
    verbose_name = "Civil orders"
    default_auto_field = "django.db.models.BigAutoField"
