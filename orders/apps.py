"""The register as a Django application."""

from django.apps import AppConfig
from django.core import checks


class OrdersConfig(AppConfig):
    """The register and its search; knows nothing of email."""

    name = "orders"
    verbose_name = "Civil orders"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have `check --database default` see whether the keys outside the database open those inside."""
        from orders.access.keeping_keys import check_keys

        checks.register(check_keys, checks.Tags.database)
