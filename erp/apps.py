from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ErpConfig(AppConfig):
    """Wiring only: management commands that join the apps, and system checks."""

    name = "erp"

    def ready(self) -> None:
        from erp import checks  # noqa: F401 - registers them
        from erp.forks import forks_guard
        from erp.logs import structlog_configure

        structlog_configure()
        forks_guard()


class DataEntryConfig(AdminConfig):
    """Django's admin, entered by membership instead of by Django's own permissions."""

    default_site = "academics.admin_site.TimeloomAdminSite"
