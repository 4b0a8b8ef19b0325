"""The project: settings, addresses, the door for requests, operations."""

from erp.celery import app as celery_app

__all__ = ["celery_app"]
