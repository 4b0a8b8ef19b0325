"""Addresses of the imports over REST."""

from django.urls import URLPattern, URLResolver, path

from academics.importing import api, restructuring_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/import/", api.ImportList.as_view(), name="import-list"),
    path("api/import/templates/<str:name>", api.ImportTemplate.as_view(), name="import-template"),
    path("api/import/recipes/", restructuring_api.RecipeList.as_view(), name="import-recipe-list"),
    path("api/import/recipes/<str:recipe>/", restructuring_api.RecipeDetail.as_view(), name="import-recipe"),
    path("api/import/<str:batch_id>/", api.ImportDetail.as_view(), name="import-detail"),
    path("api/import/<str:batch_id>/problems.csv", api.ImportProblems.as_view(), name="import-problems"),
    path("api/import/<str:batch_id>/restructuring/", restructuring_api.RestructuringView.as_view(), name="import-restructuring"),
    path("api/import/<str:batch_id>/start/", restructuring_api.ImportStart.as_view(), name="import-start"),
    path("api/import/<str:batch_id>/undo/", api.ImportUndoView.as_view(), name="import-undo"),
]
