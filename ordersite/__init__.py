"""Wiring: settings, addresses, tasks, templates. No business word."""

from ordersite.celery import app as celery_app

__all__ = ["celery_app"]
