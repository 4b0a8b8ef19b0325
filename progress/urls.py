"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from progress import api, views

# Job ids are plain text here: a malformed one gets the same JSON 404 as an unknown one, after the sign-in check.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/generation/stream/<str:job_id>/", views.stream, name="progress-stream"),
    path("api/generation/progress/<str:job_id>/", api.SnapshotView.as_view(), name="progress-snapshot"),
    path("api/generation/health/", api.HealthView.as_view(), name="health"),
    path("api/progress/", api.ActiveView.as_view(), name="progress-active"),
    path("api/progress/selftest/", api.SelftestView.as_view(), name="progress-selftest"),
    path("api/progress/<str:job_id>/", api.ShortSnapshotView.as_view(), name="progress-snapshot-short"),
    path("metrics", views.metrics, name="metrics"),
]
