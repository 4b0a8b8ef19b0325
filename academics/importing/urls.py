"""Addresses of the imports over REST."""

from django.urls import URLPattern, URLResolver, path

from academics.importing import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/import/", api.ImportList.as_view(), name="import-list"),
    path("api/import/templates/<str:name>", api.ImportTemplate.as_view(), name="import-template"),
    path("api/import/<str:batch_id>/", api.ImportDetail.as_view(), name="import-detail"),
    path("api/import/<str:batch_id>/problems.csv", api.ImportProblems.as_view(), name="import-problems"),
    path("api/import/<str:batch_id>/undo/", api.ImportUndoView.as_view(), name="import-undo"),
]
