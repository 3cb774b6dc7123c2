from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    name = "sources"
    verbose_name = _("Data sources")

    def ready(self) -> None:
        from sources import versions  # it needs the models
        from tenants import journal

        journal.watchers.append(versions.keep)
