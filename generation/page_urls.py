"""Addresses of the pages for people, and of what is published. A code may hold a slash, so its key takes all that is left."""

from django.templatetags.static import static
from django.urls import path, re_path
from django.views.generic import RedirectView

from generation.comparison import views as comparison
from generation.dates import pages as date_pages
from generation.demand import pages as demand_pages
from generation.editing import pages as grid_pages
from generation.home import pages as home_pages
from generation.publication import feed_pages, file_pages
from generation.publication import pages as publication_pages
from generation.readiness import pages as readiness_pages
from generation.retention import pages as retention_pages
from generation.review import views as review
from generation.rulebook import pages as rule_pages
from generation.timetable.grid import BY
from generation.today import pages as today_pages
from generation.variants import pages as variant_pages
from generation.wishes import pages as wish_pages

KIND = rf"^timetables/(?P<organization>[-\w]+)/(?P<by>{'|'.join(BY)})"

urlpatterns = [
    # Browsers ask for it on pages that name no icon of their own.
    path("favicon.ico", RedirectView.as_view(url=static("img/loom.svg")), name="icon"),
    path("", home_pages.home, name="home"),
    path("admin/timetables/", home_pages.timetables, name="timetables"),
    path("accounts/notices/", review.notices, name="notices"),
    path("admin/timetables/inbox", review.inbox, name="inbox"),
    path("admin/timetables/new", home_pages.timetable_new, name="timetable-new"),
    path("admin/timetables/new/stays", retention_pages.timetable_stays, name="timetable-stays"),
    path("admin/timetables/status/<uuid:job_id>", home_pages.timetable_status, name="timetable-status"),
    path("admin/timetables/<uuid:job_id>/compare", comparison.compare, name="timetable-compare"),
    path("admin/timetables/<uuid:job_id>/review", home_pages.timetable_review, name="timetable-review"),
    path("admin/timetables/<uuid:job_id>/fet", variant_pages.timetable_fet, name="timetable-fet"),
    path("admin/timetables/<uuid:job_id>/today", today_pages.timetable_today, name="timetable-today"),
    path("admin/timetables/dates/", date_pages.dates, name="dates"),
    path("admin/timetables/dates/<uuid:variant_id>/<int:lecture>/<str:date>", date_pages.lecture_date, name="lecture-date"),
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
    path("admin/rules/wishes/", wish_pages.wishes, name="wishes"),
    path("admin/rules/wishes/<int:answer_id>", wish_pages.wish, name="wish"),
    path("admin/rules/<str:rule_id>", rule_pages.rule, name="rule"),
    path("wishes/", wish_pages.wishes_own, name="wishes-own"),
    path("timetables/", publication_pages.published, name="published"),
    path("timetables/<slug:organization>/", publication_pages.published_front, name="published-front"),
    path("timetables/<slug:organization>/files/<slug:kind>", file_pages.published_file, name="published-file"),
    path("timetables/<slug:organization>/book/<slug:book>", file_pages.published_book, name="published-book"),
    re_path(rf"{KIND}/$", publication_pages.published_list, name="published-kind"),
    re_path(rf"{KIND}/(?P<key>.+)/calendar\.ics$", feed_pages.calendar_public, name="published-calendar"),
    re_path(rf"{KIND}/(?P<key>.+)/$", publication_pages.published_key, name="published-key"),
    path("feeds/", feed_pages.feeds, name="feeds"),
    re_path(r"^feeds/(?P<token>[-\w]{1,100})\.ics$", feed_pages.feed, name="feed"),
]
