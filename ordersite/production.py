"""What production refuses to start on: what is for trying only, and addresses that others on the way can read."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

EMBEDDED_MARK = "civil-orders-embedded"
"""Stands in the addresses of the embedded services, which are for trying, testing and demonstration only."""
_THIS_MACHINE = (None, "localhost", "127.0.0.1", "::1")


def refuse(*, secret_key: str, database: str, broker: str, email: str, base: str) -> None:
    """Raise ImproperlyConfigured, naming the variable and the remedy, if one of them is not fit for production."""
    if len(secret_key) < 50 or len(set(secret_key)) < 5:
        raise ImproperlyConfigured("SECRET_KEY is too short or too plain. Give at least 50 random characters.")
    for name, value in (("DATABASE_URL", database), ("BROKER_URL", broker)):
        if EMBEDDED_MARK in value:
            raise ImproperlyConfigured(f"{name} names an embedded service. Production needs a server of its own.")
    to_database, to_broker = urlsplit(database), urlsplit(broker)
    mode = parse_qs(to_database.query).get("sslmode", [""])[0]
    if to_database.hostname not in _THIS_MACHINE and mode not in ("verify-full", "verify-ca", "require"):
        raise ImproperlyConfigured("DATABASE_URL goes to another machine unencrypted. Add ?sslmode=verify-full to it.")
    if to_broker.hostname not in _THIS_MACHINE and to_broker.scheme not in ("rediss", "amqps"):
        raise ImproperlyConfigured("BROKER_URL goes to another machine unencrypted. Use rediss:// or amqps://.")
    if email.startswith("smtp://"):
        raise ImproperlyConfigured("EMAIL_URL sends without encryption. Use smtp+tls:// (STARTTLS) or smtp+ssl://.")
    if not base.startswith("https://"):
        raise ImproperlyConfigured("BASE_URL must begin with https://.")
