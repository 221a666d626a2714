"""Deleting what signing in no longer needs."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from orders.access import pace
from signin import kept_forms
from signin.models import Attempt, SignedIn

ATTEMPTS_KEPT = timedelta(days=90)


@shared_task(ignore_result=True)
def tidy() -> None:
    """Forget forms after two hours, tries and sessions after 90 days, and Django's sessions when they have expired.

    The log of who signed in stays: it is the audit log, which this does not touch.
    """
    kept_forms.forget_old()
    pace.forget_old()
    old = timezone.now() - ATTEMPTS_KEPT
    Attempt.objects.filter(at__lt=old).delete()
    SignedIn.objects.filter(at__lt=old).delete()
    # Tokens of the identity provider are of no use once the session is over.
    SignedIn.objects.filter(ended_at__isnull=False).exclude(tokens=b"").update(tokens=b"", id_token=b"")
    call_command("clearsessions")
