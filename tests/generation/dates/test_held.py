"""Editions and exceptions in any order: for every date the page's data, REST, the files and the calendar agree."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
import vobject
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academics.models import Instructor, Room
from generation.dates.exceptions import ExceptionRequest, exception_make, exception_undo
from generation.errors import Refusal
from generation.exports.calendar_ics import calendar_bytes
from generation.models import GenerationJob, LectureException, Workflow
from generation.publication.dated_calendar import occasions_dated
from generation.publication.dated_files import document_dated
from generation.publication.dated_weeks import week_dated
from generation.publication.directory import directory_of
from generation.publication.publication import Publication, publication_of, workflows_published
from generation.publication.week_api import week_facts
from generation.review.workflow import workflow_publish
from tests.factories import OrganizationFactory, UserFactory, review_job

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 10, 5), dt.date(2026, 11, 1)  # four weeks
SHOWN = (("section", "ALG-1"), ("instructor", "Kowalska"), ("instructor", "Nowak"), ("room", "R1"), ("room", "R2"))
DATES = st.integers(0, 27).map(lambda day: FIRST + dt.timedelta(days=day))
LECTURES = st.integers(0, 3)
PUBLISH = st.tuples(st.just("publish"), st.one_of(st.none(), DATES), LECTURES, st.integers(0, 4), st.integers(0, 2))
CHANGE = st.tuples(
    st.just("change"),
    LECTURES,
    st.integers(0, 3),
    st.fixed_dictionaries({"kind": st.just("cancel")})
    | st.fixed_dictionaries(
        {"kind": st.just("move"), "to_date": DATES, "to_period": st.integers(0, 3), "room": st.sampled_from(["", "R2"])}
    )
    | st.fixed_dictionaries({"kind": st.just("room"), "room": st.sampled_from(["R1", "R2"])})
    | st.fixed_dictionaries({"kind": st.just("cover"), "cover": st.just("Nowak"), "absent": st.sampled_from(["", "Kowalska"])}),
)
UNDO = st.tuples(st.just("undo"), st.integers(0, 5))


def world() -> GenerationJob:
    job = review_job(organization=OrganizationFactory(is_public=True), num_variants=1, workflow="published")
    assert job.term is not None
    job.term.ends_on = LAST
    job.term.save()
    Room.objects.bulk_create(Room(organization=job.organization, code=code, capacity=40) for code in ("R1", "R2"))
    Instructor.objects.bulk_create(Instructor(organization=job.organization, code=code) for code in ("Kowalska", "Nowak"))
    return job


def step(job: GenerationJob, words: tuple[Any, ...]) -> None:
    assert job.term is not None
    user = UserFactory()
    if words[0] == "publish":
        _, valid_from, lecture, day, period = words
        other = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")
        other.variants.get().entries.filter(lecture=lecture).update(day=day, period=period)
        workflow_publish(workflow=Workflow.objects.get(job=other), user=user, valid_from=valid_from)
    elif words[0] == "change":
        _, lecture, week, facts = words
        publication = published(job)
        entry = publication.variant(FIRST + dt.timedelta(weeks=week)).entries.get(lecture=lecture)
        date = FIRST + dt.timedelta(days=7 * week + (entry.day or 0))
        exception_make(term=job.term, user=user, request=ExceptionRequest(date=date, lecture=lecture, **facts))
    else:
        rows = LectureException.objects.filter(term=job.term).order_by("created_at")
        exception_undo(row=rows[words[1] % max(1, len(rows))], user=user)


def published(job: GenerationJob) -> Publication:
    (workflow,) = workflows_published(organization_id=job.organization_id)
    return publication_of(workflow)


def in_calendar(publication: Publication, by: Any, key: str) -> list[tuple[dt.date, str]]:
    """When a calendar program shows what, by date and clock."""
    text = calendar_bytes(key, occasions_dated(publication, by=by, key=key)).decode()
    events = list(getattr(vobject.readOne(text), "vevent_list", []))
    otherwise = {(e.uid.value, e.recurrence_id.value): e for e in events if hasattr(e, "recurrence_id")}
    found = [e.dtstart.value for e in otherwise.values()]
    for event in events:
        if not hasattr(event, "recurrence_id"):
            series = list(event.getrruleset(addRDate=True)) if hasattr(event, "rrule") else [event.dtstart.value]
            found += [time for time in series if (event.uid.value, time) not in otherwise]
    return sorted((time.date(), f"{time:%H:%M}") for time in found)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(PUBLISH | CHANGE | CHANGE | UNDO, max_size=6))
def test_every_reader_of_a_date_finds_the_same(db: Any, steps: list[tuple[Any, ...]]) -> None:
    job = world()
    for words in steps:
        with contextlib.suppress(Refusal, IndexError):
            step(job, words)
    publication = published(job)
    directory = directory_of(publication)
    for by, key in SHOWN:
        page: list[Any] = []
        rest: list[Any] = []
        file: list[Any] = []
        for week in range(4):
            date = FIRST + dt.timedelta(weeks=week)
            for day in week_dated(publication, directory, by=by, key=key, date=date, today=date):  # type: ignore[arg-type]
                page += [(day.date, each.starts_at) for each in day.sittings if each.is_held]
            for facts in week_facts(publication, by=by, key=key, date=date)["days"]:  # type: ignore[arg-type]
                rest += [(facts["date"], each["starts_at"]) for each in facts["lectures"] if each["is_held"]]
                holding = [each for each in publication.editions if each.holds_on(facts["date"])]
                assert len(holding) == 1 or not facts["is_inside"] or facts["date"] < (publication.editions[0].valid_from or FIRST)
            document = document_dated(publication, by=by, key=key, date=date)  # type: ignore[arg-type]
            file += [(mark.date, document.starts_at(lecture)) for lecture, mark in document.marks.items() if mark.is_held]
        assert sorted(page) == sorted(rest) == sorted(file) == in_calendar(publication, by, key), (by, key)
