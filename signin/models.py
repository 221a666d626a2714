"""What signing in stores: who is signed in where, what was tried, second factors, and forms that came too late.

Nothing here can be used if the tables are read by somebody else: tokens, secrets and forms are encrypted with a key
that is not in the database (`signin/sealing.py`), codes and typed names are stored as keyed hashes.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class How(models.TextChoices):
    """By what somebody showed who they are."""

    PASSWORD = "password", "password only"
    CODE = "code", "password and code"
    RECOVERY = "recovery", "password and recovery code"
    PASSKEY = "passkey", "passkey"
    PROVIDER = "provider", "the force's identity provider"


class Outcome(models.TextChoices):
    """What came of a try to sign in."""

    SIGNED_IN = "signed_in", "Signed in"
    WRONG = "wrong", "Refused: wrong user name, password or code"
    WAIT = "wait", "Refused: too many tries"
    NO_ROLE = "no_role", "Refused: no role in the register"


class SignedIn(models.Model):
    """One session, from signing in to its end. Times are UTC; `seen_at` is exact to a minute.

    `session_key` names the row of Django's session, so that a session can be ended from elsewhere. The last six fields
    are of sessions that the force's identity provider opened: `id_token` and `tokens` are encrypted,
    `checked_at` is when the provider last said that the account is good.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=40, blank=True)
    how = models.CharField(max_length=10, choices=How)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=80, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    provider_session = models.CharField(max_length=255, blank=True)
    id_token = models.BinaryField(default=bytes)
    tokens = models.BinaryField(default=bytes)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="signed_in_user_at"),
            models.Index(
                fields=["issuer", "subject"], name="signed_in_open", condition=models.Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} since {self.at}"


class Attempt(models.Model):
    """A try to sign in. `name` is a keyed hash of what was typed as the user name, which may have been a password."""

    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=32, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    how = models.CharField(max_length=10, choices=How)

    class Meta:
        indexes = [
            models.Index(fields=["name", "-at"], name="attempt_name_at"),
            models.Index(fields=["address", "-at"], name="attempt_address_at"),
            models.Index(fields=["user", "-at"], name="attempt_user_at"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at}"


class Identity(models.Model):
    """An account as the force's identity provider knows it: its issuer and subject, which never change."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class Authenticator(models.Model):
    """An app that shows codes (RFC 6238). `secret` is encrypted; no code up to `last_step` works again."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator")
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"codes of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that works once, for whoever lost the second factor. `digest` is a keyed hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class Passkey(models.Model):
    """A passkey (WebAuthn): a public key, so there is nothing to steal. `uses` is the authenticator's own counter."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(unique=True)
    credential = models.BinaryField()
    uses = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["added_at"]

    def __str__(self) -> str:
        return self.name


class KeptForm(models.Model):
    """A form that was sent after its sender's session had ended: encrypted, for them alone, for two hours."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="kept_forms")
    path = models.BinaryField()
    body = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["kept_at"], name="kept_form_kept_at")]

    def __str__(self) -> str:
        return f"form of {self.user_id} at {self.kept_at}"
