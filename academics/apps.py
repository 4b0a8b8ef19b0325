from django.apps import AppConfig
from django.db.backends.signals import connection_created


class AcademicsConfig(AppConfig):
    name = "academics"
    verbose_name = "Institution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from academics.changes import changes_watch

        connection_created.connect(changes_watch, dispatch_uid="academics.changes")
