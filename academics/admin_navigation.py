"""The side bar of the data entry and its first page: the data in the order in which one enters it, and the records of runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

from academics.admin_site import sees_everything

Item = dict[str, Any]


def _records(app: str, model: str, title: str, icon: str, about: str) -> Item:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{app}_{model}_changelist"), "about": about}


TEACHING = [
    _records("academics", "term", "Terms", "date_range", "first and last day, days, periods and holidays"),
    {
        "title": "Next term",
        "icon": "redo",
        "link": reverse_lazy("roll-forward"),
        "about": "what the next term begins with",
    },
    _records("academics", "course", "Courses", "menu_book", "the catalogue: codes and titles"),
    _records("academics", "courseoffering", "Offerings", "co_present", "what is taught this term: lectures a week, students, instructors"),
    _records("academics", "section", "Sections", "groups", "groups of an offering, with their own limits"),
    _records("academics", "curriculum", "Curricula", "account_tree", "offerings that the same students attend"),
    _records("academics", "studentgroup", "Student groups", "lan", "years, groups and subgroups that attend together"),
    _records("academics", "rule", "Rules", "rule", "what a timetable must keep, beyond the usual"),
    _records("academics", "availability", "Availability", "event_busy", "times that a person, room or section cannot use or does not like"),
]
PLACES_AND_PEOPLE = [
    _records("academics", "department", "Departments", "domain", "whom courses and people belong to"),
    _records("academics", "building", "Buildings", "apartment", "where rooms are"),
    _records("academics", "room", "Rooms", "meeting_room", "seats, kind and features"),
    _records("academics", "roomfeature", "Room features", "sell", "what a room has and a lecture may need"),
    _records("academics", "instructor", "Instructors", "person", "who teaches, and how much in a day and week"),
    _records("academics", "student", "Students", "school", "who attends, with their curriculum"),
    _records("academics", "enrolment", "Enrolments", "how_to_reg", "who takes which offering"),
]
ACCESS = [
    _records("academics", "organization", "Institutions", "corporate_fare", "name, time zone and weights"),
    _records("academics", "membership", "Members", "badge", "who may do what"),
]
RECORDS = [
    _records("generation", "generationjob", "Jobs", "play_circle", "runs, with what was asked of them"),
    _records("generation", "variant", "Variants", "difference", "the timetables that runs found"),
    _records("generation", "workflow", "Reviews", "fact_check", "who put forward, approved or sent back what"),
]


def sidebar(request: HttpRequest) -> list[Item]:
    users = [_records("auth", "user", "Users", "manage_accounts", "who may sign in")] if sees_everything(request.user) else []
    return [
        {"title": "Teaching", "items": TEACHING},
        {"title": "Places and people", "separator": True, "items": PLACES_AND_PEOPLE},
        {"title": "Access", "separator": True, "items": [*ACCESS, *users]},
        {"title": "Records", "separator": True, "collapsible": True, "items": RECORDS},
    ]
