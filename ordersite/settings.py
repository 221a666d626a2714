"""What differs between installations comes from the environment; `docs/operations.md` lists each variable."""

from __future__ import annotations

import shlex
from datetime import time
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ordersite import field_keys, production
from ordersite.logging import configure_logging

# Lets Django's own classes take type parameters, as their stubs do.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
"""Reads NAME, or the file that NAME_FILE names: how secrets come from a secret store."""

MODE: str = env.str("CIVIL_ORDERS_MODE", default="production")
"""`production`, `demonstration` (bin/run) or `test` (bin/test)."""
if MODE not in ("production", "demonstration", "test"):
    raise ImproperlyConfigured("CIVIL_ORDERS_MODE must be production, demonstration or test.")
DEMONSTRATION = MODE == "demonstration"
PRODUCTION = MODE == "production"


def needed(name: str, default: str, remedy: str) -> str:
    """A variable that has a default only outside production, where its absence stops the start with a remedy."""
    value: str = env.str(name, default="" if PRODUCTION else default).strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {remedy} See docs/operations.md.")
    return value


SECRET_KEY = needed(
    "SECRET_KEY", "for demonstration and tests only", "Give at least 50 random characters, the same on every server."
)
# Not from the file of FIELD_KEYS_FILE as any variable would be: that file has a format of its own.
plain_env = environ.Env()
FIELD_KEYS = field_keys.found(
    plain_env.list("FIELD_KEYS", default=[]), env.str("FIELD_KEYS_FILE", default=""), production=PRODUCTION
)
DATABASE_URL = needed("DATABASE_URL", "postgres:///civil_orders", "Name the PostgreSQL server and database.")
BROKER_URL = needed("BROKER_URL", "redis://localhost:6379/0", "Name the Redis or RabbitMQ broker of Celery.")
EMAIL_URL = needed("EMAIL_URL", "smtp://localhost:2525", "Name the SMTP server that sends the daily email.")
BASE_URL = needed("BASE_URL", "http://localhost:8000", "Give the address at which users reach the register.").rstrip(
    "/"
)

if PRODUCTION:
    production.refuse(secret_key=SECRET_KEY, database=DATABASE_URL, broker=BROKER_URL, email=EMAIL_URL, base=BASE_URL)

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Give the host names of the register, separated by commas.")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "ordersite",
    "notifications",
    "signin",
    "orders",
    "ordersite.admin_config.AdminConfig",
    "govuk_forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "csp",
    "django_filters",
    "drf_spectacular",
    "pghistory",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "ordersite.edge.request_number",
    "ordersite.edge.client_address",
    "ordersite.refusals.recorded",
    "ordersite.edge.size_limit",
    "ordersite.edge.encrypted_api",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "ordersite.edge.safe_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ordersite.middleware.no_store",
    "signin.middleware.SessionLimits",
    "signin.pacing.PaceLimit",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

if MODE == "test":
    # Nothing has been collected to serve; the test server serves static files itself.
    MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")

ROOT_URLCONF = "ordersite.urls"
WSGI_APPLICATION = "ordersite.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ordersite.context.site",
                "signin.context.lasting",
            ]
        },
    }
]

DATABASES = {
    "default": environ.Env.db_url_config(DATABASE_URL)
    | {
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": env.str("TEST_DATABASE_NAME", default="") or None},
    }
}
# What `orders/search/planned.py` asks is planned once a connection, at its second time, and for whatever values; a plan
# that costs much by the planner's guess is not worth compiling for milliseconds.
_options: dict[str, Any] = DATABASES["default"].setdefault("OPTIONS", {})
_options["prepare_threshold"] = 1
_options["options"] = f"{_options.get('options', '')} -c plan_cache_mode=force_generic_plan -c jit=off".strip()
# The web server answers more requests at once than the database should have connections.
DATABASE_POOL: int = env.int("DATABASE_POOL", default=0)
if DATABASE_POOL:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    _options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}
# The role that owns the tables, for `migrate` alone; web server and worker do not get its password.
_owner_url: str = env.str("MIGRATION_DATABASE_URL", default="").strip()
MIGRATION_DATABASE: dict[str, Any] | None = environ.Env.db_url_config(_owner_url) if _owner_url else None
APPLICATION_ROLE: str = DATABASES["default"].get("USER", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "orders.User"
LOGIN_URL = "signin:sign-in"
LOGIN_REDIRECT_URL = "orders:start"
LOGOUT_REDIRECT_URL = "signin:sign-in"
CSRF_FAILURE_VIEW = "signin.views.forged.form_expired"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "signin.passwords.NoWordOfThePlace"},
    {"NAME": "signin.passwords.NotFromABreach"},
]
# Names of this force and place that no password may be made of, besides those of its areas.
PASSWORD_WORDS: list[str] = env.list("PASSWORD_WORDS", default=[])
if MODE == "test":
    # Slow on purpose elsewhere; a test signs in hundreds of times.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Safety of the pages. Nothing is loaded from elsewhere, nothing is written in the page itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SECONDS = env.int("SESSION_SECONDS", default=12 * 60 * 60)
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
# Two hours longer than the session, so that a form that comes too late is known for whose it is.
SESSION_COOKIE_AGE = SESSION_SECONDS + 2 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^api/"]  # what asks the API must not get used to http
BEHIND_TLS_PROXY: bool = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PROXIES: int = env.int("PROXIES", default=1 if BEHIND_TLS_PROXY else 0)
if PRODUCTION:
    # Names that a browser accepts only over TLS, for this host alone and every path (RFC 6265bis, 4.1.3.2).
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# How people sign in. A local account needs a second factor everywhere but in a demonstration.
SECOND_FACTOR_REQUIRED = PRODUCTION
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
OIDC_ISSUER: str = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID: str = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET: str = env.str("OIDC_CLIENT_SECRET", default="").strip()
OIDC_SCOPES: str = env.str("OIDC_SCOPES", default="openid profile email offline_access")
OIDC_GROUPS_CLAIM: str = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_ROLES: dict[str, str] = env.dict("OIDC_ROLES", default={})
OIDC_SECRET_PLACES_GROUP: str = env.str("OIDC_SECRET_PLACES_GROUP", default="")
OIDC_FORCE: str = env.str("OIDC_FORCE", default="")
OIDC_FORCE_CLAIM: str = env.str("OIDC_FORCE_CLAIM", default="")
OIDC_AREA_CLAIM: str = env.str("OIDC_AREA_CLAIM", default="")
OIDC_USERNAME_CLAIM: str = env.str("OIDC_USERNAME_CLAIM", default="preferred_username")
OIDC_CHECK_SECONDS: int = min(env.int("OIDC_CHECK_SECONDS", default=300), 300)
OIDC_GRACE_SECONDS: int = env.int("OIDC_GRACE_SECONDS", default=600)
if OIDC_ISSUER:
    if PRODUCTION and not OIDC_ISSUER.startswith("https://"):
        raise ImproperlyConfigured("OIDC_ISSUER must begin with https://.")
    if not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET and OIDC_ROLES):
        raise ImproperlyConfigured("OIDC_ISSUER is set, so OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLES are needed.")
    # The browser follows the answer to the sign-out form to the provider.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("/".join(OIDC_ISSUER.split("/")[:3]))

# The name and mark of the force, and how it marks its papers.
BRAND_NAME: str = env.str("BRAND_NAME", default="Example Police")
PROTECTIVE_MARKING: str = env.str("PROTECTIVE_MARKING", default="OFFICIAL-SENSITIVE")
CIVIL_ORDERS_CONTACT: str = env.str("CIVIL_ORDERS_CONTACT", default="the civil orders team, or the duty inspector")
# When the force's courts sit, Mondays to Saturdays that are no bank holidays: by this much earlier a deadline is met.
try:
    opens, rises = map(time.fromisoformat, env.str("COURT_SITS", default="10:00-16:00").split("-"))
except ValueError:
    raise ImproperlyConfigured("COURT_SITS must be two times of day, like 10:00-16:00.") from None
if not opens < rises:
    raise ImproperlyConfigured("COURT_SITS must begin before it ends, like 10:00-16:00.")
COURT_SITS = (opens, rises)
MAILBOX_URL: str = env.str("MAILBOX_URL", default="")

# The daily email.
vars().update(environ.Env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT_SECONDS", default=20)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="civil-orders@example.police.uk")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
DATA_PROTECTION_EMAIL = needed(
    "DATA_PROTECTION_EMAIL",
    "data-protection@demo.invalid",
    "Give the mailbox that is told when a secret address is opened.",
)
EMAIL_MESSAGE_SECONDS = env.int("EMAIL_MESSAGE_SECONDS", default=60)
EMAIL_CONNECTIONS = env.int("EMAIL_CONNECTIONS", default=4)
EMAIL_MESSAGES_PER_CONNECTION = env.int("EMAIL_MESSAGES_PER_CONNECTION", default=50)
EMAIL_PER_MINUTE = env.int("EMAIL_PER_MINUTE", default=0)
EMAIL_CA_FILE: str = env.str("EMAIL_CA_FILE", default="")
REPLY_TO_EMAIL: str = env.str("REPLY_TO_EMAIL", default="")
BOUNCES_MAILDIR: str = env.str("BOUNCES_MAILDIR", default="")
DIGEST_FORCES: list[str] = env.list("DIGEST_FORCES", default=[])
DIGEST_ATTACH = env.bool("DIGEST_ATTACH", default=False)
ALARM_WEBHOOK_URL: str = env.str("ALARM_WEBHOOK_URL", default="")
HEARTBEAT_URL: str = env.str("HEARTBEAT_URL", default="")
for name, url in (("ALARM_WEBHOOK_URL", ALARM_WEBHOOK_URL), ("HEARTBEAT_URL", HEARTBEAT_URL)):
    if url and not url.startswith("https://" if PRODUCTION else ("http://", "https://")):
        raise ImproperlyConfigured(f"{name} must begin with https://.")
DIGEST_DOMAINS: list[str] = env.list(
    "DIGEST_DOMAINS",
    default=["police.uk", "cjsm.net"] + ([] if PRODUCTION else ["demo.invalid"]),
)

# Bundles on their way in, and the folder in which the records system puts them.
IMPORT_DIR: str = env.str("IMPORT_DIR", default=str(BASE_DIR / "var" / "imports"))
IMPORT_UPLOAD_BYTES = env.int("IMPORT_UPLOAD_MB", default=512) << 20
# What a form with a file may be, whole: the largest import and its envelope.
LARGEST_UPLOAD = IMPORT_UPLOAD_BYTES + (1 << 20)
IMPORT_FOLDER: str = env.str("IMPORT_FOLDER", default="")
REFERENCE_UPLOAD_BYTES = env.int("REFERENCE_UPLOAD_MB", default=2048) << 20
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=14)
STALE_HOURS = env.int("STALE_HOURS", default=26)

ALERT_SECONDS = env.int("ALERT_SECONDS", default=20 if DEMONSTRATION else 900)

# Documents of orders, and the program that looks at each before it is kept: it reads the file from standard input.
DOCUMENT_DIR: str = env.str("DOCUMENT_DIR", default=str(BASE_DIR / "var" / "documents"))
DOCUMENT_BYTES = env.int("DOCUMENT_MB", default=20) << 20
DOCUMENT_SCAN_COMMAND: list[str] = shlex.split(env.str("DOCUMENT_SCAN_COMMAND", default=""))
DOCUMENT_SCAN_SECONDS = env.int("DOCUMENT_SCAN_SECONDS", default=60)

# Celery carries what the database says is owed; beat only keeps time.
TICK_SECONDS = env.int("TICK_SECONDS", default=10 if DEMONSTRATION else 60)
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "unacked_restore_throttle": 1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {
        "task": "notifications.tasks.tick",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": max(5, TICK_SECONDS - 10)},
    },
    "imports": {
        "task": "orders.tasks.work_on_imports",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": max(5, TICK_SECONDS - 10)},
    },
    "tidy signing in": {"task": "signin.tasks.tidy", "schedule": crontab(minute="7,37")},
    "reference data": {
        "task": "orders.tasks.work_on_reference_data",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": max(5, TICK_SECONDS - 10)},
    },
    "seal audit": {"task": "orders.tasks.seal_audit", "schedule": crontab(minute="*/5")},
    "verify audit": {"task": "orders.tasks.verify_audit", "schedule": crontab(hour="3", minute="15")},
    "check standing": {"task": "orders.tasks.check_standing", "schedule": crontab(hour="2", minute="30")},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["orders.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["orders.api.permissions.Permitted"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["orders.api.throttling.TokenRate"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
# How many pages one account, and one address, may ask for in a minute; 0 is no limit. Tests and benches turn more.
PAGES_PER_MINUTE = env.int("PAGES_PER_MINUTE", default=0 if MODE == "test" else 240)
PAGES_PER_MINUTE_OF_ADDRESS = env.int("PAGES_PER_MINUTE_OF_ADDRESS", default=0 if MODE == "test" else 2_400)
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=120)
SPECTACULAR_SETTINGS = {
    "TITLE": "Civil Orders Register",
    "DESCRIPTION": (
        "Orders by area, standing and role, live first, and by what describes a person. A token stands for a user: the "
        "same permissions and the same log as the pages; it may be narrowed to an area. What describes a person goes "
        "in a body, never in an address."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"YesNoEnum": ["Y", "N"]},
}

LOGGING_CONFIG = None
configure_logging(as_json=PRODUCTION, level=env.str("LOG_LEVEL", default="INFO"))
