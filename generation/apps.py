from django.apps import AppConfig
from django.db.backends.signals import connection_created


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from generation.published.standing import writes_watch

        connection_created.connect(writes_watch, dispatch_uid="generation.published")
