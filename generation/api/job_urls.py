"""Addresses of jobs, included by generation/urls.py. Ids are plain strings so that a malformed one gets the API's own 404."""

from django.urls import URLPattern, URLResolver, path

from generation.api import jobs

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/generation-jobs/", jobs.JobList.as_view(), name="job-list"),
    path("api/generation-jobs/generate/", jobs.JobGenerate.as_view(), name="job-generate"),
    path("api/generation-jobs/<str:job_id>/", jobs.JobDetail.as_view(), name="job-detail"),
    path("api/generation-jobs/<str:job_id>/cancel/", jobs.JobCancel.as_view(), name="job-cancel"),
    path("api/generation-jobs/<str:job_id>/stop/", jobs.JobStop.as_view(), name="job-stop"),
]
