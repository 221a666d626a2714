"""The forms as a Django application, for their templates and tags."""

from django.apps import AppConfig


class GovukFormsConfig(AppConfig):
    """Templates and template tags."""

    name = "govuk_forms"
