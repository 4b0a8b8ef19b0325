from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Wiring only: management commands that join the apps, and system checks."""

    name = "erp"
