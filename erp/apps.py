from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Wiring only: management commands that join the apps, and system checks."""

    name = "erp"

    def ready(self) -> None:
        from erp import checks  # noqa: F401 - registers them
        from erp.logs import structlog_configure

        structlog_configure()
