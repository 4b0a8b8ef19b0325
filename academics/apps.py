from django.apps import AppConfig


class AcademicsConfig(AppConfig):
    name = "academics"
    default_auto_field = "django.db.models.BigAutoField"
