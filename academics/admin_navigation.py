"""The side bar of the data entry: the data in the order in which one enters it, and the records of runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

from academics.admin_site import sees_everything

Item = dict[str, Any]


def _records(app: str, model: str, title: str, icon: str) -> Item:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{app}_{model}_changelist")}


TEACHING = [
    _records("academics", "term", "Terms", "date_range"),
    _records("academics", "course", "Courses", "menu_book"),
    _records("academics", "courseoffering", "Offerings", "co_present"),
    _records("academics", "section", "Sections", "groups"),
    _records("academics", "curriculum", "Curricula", "account_tree"),
    _records("academics", "rule", "Rules", "rule"),
    _records("academics", "availability", "Availability", "event_busy"),
]
PLACES_AND_PEOPLE = [
    _records("academics", "department", "Departments", "domain"),
    _records("academics", "building", "Buildings", "apartment"),
    _records("academics", "room", "Rooms", "meeting_room"),
    _records("academics", "roomfeature", "Room features", "sell"),
    _records("academics", "instructor", "Instructors", "person"),
    _records("academics", "student", "Students", "school"),
    _records("academics", "enrolment", "Enrolments", "how_to_reg"),
]
ACCESS = [
    _records("academics", "organization", "Institutions", "corporate_fare"),
    _records("academics", "membership", "Members", "badge"),
]
RECORDS = [
    _records("generation", "generationjob", "Jobs", "play_circle"),
    _records("generation", "variant", "Variants", "difference"),
    _records("generation", "workflow", "Reviews", "fact_check"),
]


def sidebar(request: HttpRequest) -> list[Item]:
    users = [_records("auth", "user", "Users", "manage_accounts")] if sees_everything(request.user) else []
    return [
        {"title": "Teaching", "items": TEACHING},
        {"title": "Places and people", "separator": True, "items": PLACES_AND_PEOPLE},
        {"title": "Access", "separator": True, "items": [*ACCESS, *users]},
        {"title": "Records", "separator": True, "collapsible": True, "items": RECORDS},
    ]
