from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessingsConfig(AppConfig):
    name = "processings"
    verbose_name = _("Processings")
