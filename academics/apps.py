from django.apps import AppConfig


class AcademicsConfig(AppConfig):
    name = "academics"
    verbose_name = "Institution"
    default_auto_field = "django.db.models.BigAutoField"
