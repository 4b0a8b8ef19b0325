"""The app, and what listens from its start: writes that change what is published, and people who are deleted."""

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.models import User

        from academics.concerned import writes_listen
        from generation.publication.current import SHOWN, shown_changed
        from generation.timetable.archive_origin import name_kept

        writes_listen(SHOWN, shown_changed)
        pre_delete.connect(name_kept, sender=User, dispatch_uid="generation.timetable.archive_origin")
