"""Addresses of the pages, included by generation/urls.py."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from generation import grid_pages, pages
from generation.comparing import views as comparing
from generation.demand import pages as demand_pages
from generation.keeping import pages as keeping_pages
from generation.readiness import pages as readiness_pages
from generation.reviewing import views as reviewing
from generation.rulebook import pages as rule_pages
from generation.today import pages as today_pages

urlpatterns = [
    # Browsers ask for it on pages that name no icon of their own.
    path("favicon.ico", RedirectView.as_view(url=static("img/loom.svg")), name="icon"),
    path("", pages.home, name="home"),
    path("admin/timetables/", pages.timetables, name="timetables"),
    path("accounts/notices/", reviewing.notices, name="notices"),
    path("admin/timetables/inbox", reviewing.inbox, name="inbox"),
    path("admin/timetables/new", pages.timetable_new, name="timetable-new"),
    path("admin/timetables/new/stays", keeping_pages.timetable_stays, name="timetable-stays"),
    path("admin/timetables/status/<uuid:job_id>", pages.timetable_status, name="timetable-status"),
    path("admin/timetables/<uuid:job_id>/compare", comparing.compare, name="timetable-compare"),
    path("admin/timetables/<uuid:job_id>/review", pages.timetable_review, name="timetable-review"),
    path("admin/timetables/<uuid:job_id>/today", today_pages.timetable_today, name="timetable-today"),
    path("admin/demand/", demand_pages.demand, name="demand"),
    path("admin/demand/offerings/<int:offering_id>", demand_pages.demand_split, name="demand-split"),
    path("admin/demand/bands/new", demand_pages.demand_band, name="demand-band"),
    path("admin/demand/bands/delete", demand_pages.demand_band_delete, name="demand-band-delete"),
    path("admin/timetables/<uuid:job_id>/copy", grid_pages.timetable_copy, name="timetable-copy"),
    path("admin/timetables/<uuid:job_id>/grid", grid_pages.timetable_grid, name="timetable-grid"),
    path("admin/readiness/", readiness_pages.readiness, name="readiness"),
    path("admin/readiness/summary", readiness_pages.readiness_summary, name="readiness-summary"),
    path("admin/rules/", rule_pages.rules, name="rules"),
    path("admin/rules/new", rule_pages.rule_new, name="rule-new"),
    path("admin/rules/choices", rule_pages.rule_choices, name="rule-choices"),
    path("admin/rules/<str:rule_id>", rule_pages.rule, name="rule"),
]
