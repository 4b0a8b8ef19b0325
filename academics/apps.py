from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AcademicsConfig(AppConfig):
    name = "academics"
    verbose_name = "Institution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from academics.change_tracking import change_mark, tables_marked
        from academics.concerned import migration_begins, migration_ends, writes_listen, writes_watch

        writes_listen(tables_marked(), change_mark)
        connection_created.connect(writes_watch, dispatch_uid="academics.concerned")
        pre_migrate.connect(migration_begins, sender=self, dispatch_uid="academics.concerned")
        post_migrate.connect(migration_ends, sender=self, dispatch_uid="academics.concerned")
