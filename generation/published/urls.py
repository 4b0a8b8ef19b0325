"""Addresses of what is published, included by generation/urls.py. A code may hold a slash, so the key takes all that is left."""

from django.urls import path, re_path

from generation.grid import BY
from generation.published import pages

KIND = rf"(?P<by>{'|'.join(BY)})"

urlpatterns = [
    path("timetables/", pages.published, name="published"),
    path("timetables/<slug:organization>/", pages.published_front, name="published-front"),
    re_path(rf"^timetables/(?P<organization>[-\w]+)/{KIND}/$", pages.published_list, name="published-kind"),
    re_path(rf"^timetables/(?P<organization>[-\w]+)/{KIND}/(?P<key>.+)/$", pages.published_key, name="published-key"),
]
