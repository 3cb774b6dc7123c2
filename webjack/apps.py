from django.apps import AppConfig


class WebjackConfig(AppConfig):
    name = "webjack"
    verbose_name = "Webjack"
