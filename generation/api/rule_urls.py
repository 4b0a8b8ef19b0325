"""Addresses of readiness and rules, included by generation/urls.py."""

from django.urls import URLPattern, URLResolver, path

from generation.api import readiness, rules

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/readiness/", readiness.ReadinessView.as_view(), name="api-readiness"),
    path("api/rules/", rules.RuleList.as_view(), name="api-rules"),
    path("api/rules/<str:rule_id>/", rules.RuleDetail.as_view(), name="api-rule"),
]
