"""Every address of the site. The rooms' own lists are included here, in the contract's order."""

from django.contrib import admin
from django.urls import include, path

# The apps' pages under /admin/timetables/ stand before Django's admin, which would answer 404.
urlpatterns = [
    path("", include("progress.urls")),
    path("", include("generation.urls")),
    path("", include("academics.urls")),
    path("admin/", admin.site.urls),
]
