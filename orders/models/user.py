"""Who may use the register, in what roles, and the tokens by which other systems read it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from orders.models.area import Area
from orders.models.roles import Role


class UserManager(BaseUserManager["User"]):
    """Makes users with hashed passwords."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A new user; without a password they cannot sign in by one."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A new administrator: there is no role above it, and it sees no order by itself."""
        return self.create_user(username, password, **{"roles": [Role.ADMINISTRATOR.value], **fields})


class Theme(models.TextChoices):
    """How pages look to somebody; empty is as their device is set."""

    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser):
    """A person who signs in. What they see is decided by their force; what they do, by their roles."""

    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    full_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    force = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    home_area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    may_see_secret_places = models.BooleanField(default=False)
    # Who asked for that permission and when, while it waits for a second administrator: orders/access/second_person.py.
    secret_places_asked_by = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, editable=False, related_name="+"
    )
    secret_places_asked_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # Until when a password that an administrator gave can be used to choose one's own; empty when it is one's own.
    password_until = models.DateTimeField(null=True, editable=False)
    # Where the user lives, sealed under the register's own key, only to find looks at it: orders/oversight/oddities.py.
    own_address = models.TextField(blank=True, db_default="", default="")
    own_postcode = models.TextField(blank=True, db_default="", default="")
    own_postcode_index = models.CharField(max_length=24, blank=True, db_default="", default="", db_collation="C")

    theme = models.CharField(max_length=5, choices=Theme, blank=True, db_default="", default="")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def has_role(self, role: Role) -> bool:
        """Whether the user is active and holds this role."""
        return self.is_active and role.value in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether Django's administration pages open at all: for administrators only."""
        return self.has_role(Role.ADMINISTRATOR)

    @property
    def is_superuser(self) -> bool:
        """Nobody is: each administration page says itself what may be done on it."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Administrators hold the permissions of the administration pages, which expose no order."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`, for a whole application."""
        return self.is_staff


class ApiToken(models.Model):
    """A bearer token by which another system reads on behalf of a user. Only its SHA-256 is stored.

    `area` narrows what it reads to that area and what lies within; without one it reads what its user may see.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, help_text="The system that uses it.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(token: str) -> str:
        """The hash under which a token is stored. Tokens are long and random, so one round of SHA-256 is enough."""
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(cls, *, user: User, name: str, expires_at: Any, area: Area | None = None) -> tuple[ApiToken, str]:
        """A new token and its text, which is shown once and stored nowhere."""
        text = secrets.token_urlsafe(32)
        digest = cls.digest_of(text)
        return cls.objects.create(user=user, name=name, digest=digest, expires_at=expires_at, area=area), text


class FactorReset(models.Model):
    """A second factor that an administrator took away; the owner is told by email, if need be again and again.

    Why, and by whom, stands in `entry`. `told_at` is empty until a mail server took the message; `answer` is what it
    last said.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entry = models.ForeignKey("orders.AuditEntry", models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    told_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, db_default="")

    def __str__(self) -> str:
        return f"reset {self.pk}"
