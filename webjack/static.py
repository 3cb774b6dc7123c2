"""Static files in production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names that last for ever in caches, inside ES module imports as well."""

    support_js_module_import_aggregation = True
