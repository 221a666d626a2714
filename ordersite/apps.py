"""The wiring as a Django application, for its templates, static files and commands."""

from django.apps import AppConfig


class OrdersiteConfig(AppConfig):
    """Templates, static files, template tags and the commands that need the whole product."""

    name = "ordersite"

    def ready(self) -> None:
        """Know the checks of an installation."""
        from ordersite import checks  # noqa: F401 - registers them
