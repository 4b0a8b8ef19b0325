"""Addresses of what is published, included by generation/urls.py. A code may hold a slash, so the key takes all that is left."""

from django.urls import path, re_path

from generation.api import feeds
from generation.grid import BY
from generation.published import feed_pages, file_pages, pages

KIND = rf"^timetables/(?P<organization>[-\w]+)/(?P<by>{'|'.join(BY)})"

urlpatterns = [
    path("timetables/", pages.published, name="published"),
    path("timetables/<slug:organization>/", pages.published_front, name="published-front"),
    path("timetables/<slug:organization>/files/<slug:kind>", file_pages.published_file, name="published-file"),
    path("timetables/<slug:organization>/book/<slug:book>", file_pages.published_book, name="published-book"),
    re_path(rf"{KIND}/$", pages.published_list, name="published-kind"),
    re_path(rf"{KIND}/(?P<key>.+)/calendar\.ics$", feed_pages.calendar_public, name="published-calendar"),
    re_path(rf"{KIND}/(?P<key>.+)/$", pages.published_key, name="published-key"),
    path("feeds/", feed_pages.feeds, name="feeds"),
    re_path(r"^feeds/(?P<token>[-\w]{1,100})\.ics$", feed_pages.feed, name="feed"),
    path("api/feeds/", feeds.FeedList.as_view(), name="feed-list"),
    path("api/feeds/<str:feed_id>/", feeds.FeedDetail.as_view(), name="feed-detail"),
]
