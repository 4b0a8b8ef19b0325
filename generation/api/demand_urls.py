"""Addresses of the demand, included by generation/urls.py."""

from django.urls import URLPattern, URLResolver, path

from generation.api import demand

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/demand/", demand.DemandView.as_view(), name="api-demand"),
    path("api/demand/courses/", demand.DemandCourses.as_view(), name="api-demand-courses"),
    path("api/demand/matrix/", demand.DemandMatrix.as_view(), name="api-demand-matrix"),
    path("api/demand/split/", demand.DemandSplit.as_view(), name="api-demand-split"),
    path("api/demand/bands/", demand.DemandBands.as_view(), name="api-demand-bands"),
    path("api/demand/bands/<path:band>/", demand.DemandBand.as_view(), name="api-demand-band"),
]
