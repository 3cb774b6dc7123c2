"""All settings, read from the environment (12-factor). The README documents each variable."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from webjack import local

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# Without DATABASE_URL this is a local start: a private PostgreSQL under var/, debug pages, a generated key.
LOCAL = not env.str("DATABASE_URL", default="")
DEBUG = env.bool("DEBUG", default=LOCAL)
SECRET_KEY = env.str("SECRET_KEY", default="") or local.secret_key(VAR_DIR, allowed=LOCAL or DEBUG)
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
if not ENCRYPTION_KEYS and (LOCAL or DEBUG):
    ENCRYPTION_KEYS = [local.secret_key(VAR_DIR, name="encryption_key")]
PORT = env.int("PORT", default=0) or local.port(VAR_DIR)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [PUBLIC_URL.split("//")[-1].split(":")[0]])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
INTERNAL_IPS: list[str] = []

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "webjack.apps.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "webjack.static.StaticFiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "django_q",
    "csp",
    "webjack",
    "tenants",
    "connections",
    "processings",
    "actions",
    "history",
    "sources",
]

MIDDLEWARE = [
    "sources.webhooks.Shortcut",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "webjack.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.acting.Acting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "webjack.not_found.NotFound",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "webjack.urls"
WSGI_APPLICATION = "webjack.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webjack.context.mail_outbox",
            ],
            "builtins": ["webjack.templatetags.webjack"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: one PostgreSQL for everything. Connections stay open; Django's own pool breaks django-q's forked workers.
DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", default="") or local.database_url())}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
local.complete(DATABASES["default"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits of log-in and sign-up are shared by all web processes.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "webjack_cache"},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# Accounts
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "tenants.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tenants.account_forms.LoginForm",
    "signup": "tenants.account_forms.SignupForm",
    "reset_password": "tenants.account_forms.ResetPasswordForm",
    "reset_password_from_key": "tenants.account_forms.ResetPasswordKeyForm",
    "change_password": "tenants.account_forms.ChangePasswordForm",
    "add_email": "tenants.account_forms.AddEmailForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_CONFIRM_EMAIL_ON_GET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "processings:list"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_URL.startswith("https://") else 0

# Languages: Russian first.
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "unfold"]
TIME_ZONE = "UTC"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "webjack.static.Storage",
    },
}

# Customers' pages run no inline script and load nothing from elsewhere; the operators' admin relaxes this for itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Mail: an outbox on disk until a server is named.
EMAIL_URL = env.str("EMAIL_URL", default="")
MAIL_OUTBOX = "" if EMAIL_URL else str(VAR_DIR / "outbox")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_OUTBOX
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Webjack <noreply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Kinds live in packages that are walked at start; a new kind is a new file and nothing else.
KINDS = {"source": "sources.kinds", "action": "actions.kinds", "connection": "connections.kinds"}

# Limits
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1024 * 1024)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "webjack.kept_files.Bounded"]
DATA_UPLOAD_MAX_NUMBER_FILES = 4  # a page takes one
RETENTION_DAYS = env.int("RETENTION_DAYS", default=30)
AUDIT_DAYS = env.int("AUDIT_DAYS", default=365)  # the journal of changes
EGRESS_ALLOW = env.list("EGRESS_ALLOW", default=[])
METRICS_ALLOW = env.list("METRICS_ALLOW", default=[])

# Workers: `qcluster` runs schedules and mails; `Q_CLUSTER_NAME=operations qcluster` drains the operation table.
DRAIN_THREADS = env.int("DRAIN_THREADS", default=256)
DRAIN_SECONDS = env.float(
    "DRAIN_SECONDS", default=60.0
)  # one drain task lives at most this long, and then until its last requests are answered
LEASE_SECONDS = env.float("LEASE_SECONDS", default=30.0)
STEP_SECONDS = env.float("STEP_SECONDS", default=30.0)  # deadline of one outgoing request
STOP_SECONDS = env.float("STOP_SECONDS", default=30.0)  # what is under way may go on for so long after SIGTERM
LANE_IN_FLIGHT = env.int("LANE_IN_FLIGHT", default=2000)
Q_CLUSTER: dict[str, Any] = {
    "name": "app",
    "orm": "default",
    "broker_class": "history.app_broker.AppBroker",
    "workers": 1,
    "timeout": 600,
    "retry": 660,
    "max_attempts": 3,
    "save_limit": 1000,
    "catch_up": False,
    "cache": "process",  # its statistics, twice a second, are no work for the database
    "label": _("Background tasks"),
    "ALT_CLUSTERS": {
        "operations": {
            "broker_class": "history.broker.OperationBroker",
            "workers": env.int("DRAIN_WORKERS", default=2),
            "queue_limit": 1,
            "scheduler": False,
            "save_limit": -1,
            "recycle": 10_000,
            "max_rss": env.int("DRAIN_MEMORY_MB", default=512) * 1024,
            "timeout": 600,  # a drain keeps its results while the database is away
            "retry": 660,
            "poll": 1,
        }
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["webjack.api_json.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["webjack.api_json.Parser"],
    "DEFAULT_SCHEMA_CLASS": "webjack.openapi.Schema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS: what there is stands in the schema
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "webjack.problems.handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Webjack API",
    "VERSION": "1",
    "DESCRIPTION": _(
        "Everything that the pages can do with processings, sources, actions and the history. "
        "Each request carries a key of the company: `Authorization: Bearer <key>`; keys are made on the company's page."
        " Errors are `application/problem+json`."
    ),
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,  # docstrings are for who reads the code
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "OperationStatus": "history.models.Status",
        "StepStatus": "history.models.Step.Status",
        "ProcessingState": "processings.models.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

# Operators' pages
UNFOLD = {
    "SITE_TITLE": "Webjack",
    "SITE_HEADER": "Webjack",
    "SITE_SUBHEADER": _("Operators' pages, times in UTC"),
    "SITE_SYMBOL": "webhook",
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "STYLES": ["webjack.operators.stylesheet"],
    "COLORS": {"primary": "webjack.operators.blue"},
    "SIDEBAR": {"navigation": "webjack.operators.sidebar"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django-q": {"level": "WARNING"}},  # else three lines for each drain
    "root": {"handlers": ["console"], "level": "INFO"},
}
