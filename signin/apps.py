"""Signing in as a Django application."""

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """Accounts' second factors, sessions and forms kept while somebody was signed out."""

    name = "signin"
