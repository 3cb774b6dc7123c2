"""Static files in production."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    # htmx's extensions that django-htmx brings import each other by names that no file has; no page loads them.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*", "icons.txt"]


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names that last for ever in caches, inside ES module imports as well."""

    support_js_module_import_aggregation = True
