"""Addresses of the pages, included by generation/urls.py."""

from django.urls import path

from generation import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("admin/timetables/", pages.timetables, name="timetables"),
    path("admin/timetables/new", pages.timetable_new, name="timetable-new"),
    path("admin/timetables/status/<uuid:job_id>", pages.timetable_status, name="timetable-status"),
    path("admin/timetables/<uuid:job_id>/review", pages.timetable_review, name="timetable-review"),
    path("timetables/", pages.published, name="published"),
]
