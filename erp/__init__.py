"""The project: settings, addresses, the door for requests, operations."""

import gc

from erp.celery import app as celery_app

# A program of 2,500 modules makes hundreds of thousands of objects that stay: looking for garbage after each 700 of them takes a
# quarter of a start's time.
gc.set_threshold(50_000, 20, 20)

__all__ = ["celery_app"]
