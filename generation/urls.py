"""Addresses of jobs, variants and workflows, and the pages for people."""

from django.urls import include, path

urlpatterns = [
    path("", include("generation.api.job_urls")),
    path("", include("generation.api.review_urls")),
    path("", include("generation.api.rule_urls")),
    path("", include("generation.api.demand_urls")),
    path("", include("generation.page_urls")),
    path("", include("generation.published.urls")),
]
