from django.apps import AppConfig
from django.contrib.admin import apps as admin


class WebjackConfig(AppConfig):
    name = "webjack"
    verbose_name = "Webjack"
    default = True


class OperatorsConfig(admin.AdminConfig):
    default = False  # named in full in the settings
    default_site = "webjack.operators.Site"
