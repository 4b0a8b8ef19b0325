from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_delete


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = "Records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.models import User

        from generation.published.standing import writes_watch
        from generation.taken_over import name_kept

        connection_created.connect(writes_watch, dispatch_uid="generation.published")
        pre_delete.connect(name_kept, sender=User, dispatch_uid="generation.taken_over")
