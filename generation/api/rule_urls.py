"""Addresses of readiness and rules, included by generation/urls.py."""

from django.urls import URLPattern, URLResolver, path

from generation.api import readiness

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/readiness/", readiness.ReadinessView.as_view(), name="api-readiness"),
]
