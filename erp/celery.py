"""The Celery application: `celery -A erp worker`, `celery -A erp beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
app = Celery("timeloom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
