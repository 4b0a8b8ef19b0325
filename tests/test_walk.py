"""Every address answers with a number of queries that does not grow with the data, and reads no large column of a list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Max
from django.test import Client

from academics.models import (
    ArchiveReading,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Meeting,
    Period,
    Room,
    Student,
    Term,
)
from generation.models import Comment, Edit, Entry, Feed, GenerationJob, Waiver, Workflow, WorkflowEvent
from generation.review.changes import snapshot_keep
from generation.timetable.conflict_store import conflicts_write
from tests.factories import VariantFactory, member, review_job
from tests.factories.generation import conflict
from tests.factories.small_university import small_university
from tests.walking import MB, Cost, counted, over, peak, peak_begin, walked
from tests.world import World, import_made, world_make

pytestmark = pytest.mark.django_db
LARGE = 200_000  # letters in each large column: a list that reads one of them reads many times this


def grown(world: World, number: int, *, name: str) -> None:
    """So many more of everything that a list may hold."""
    job, organization, term = world.job, world.organization, world.job.term
    assert term is not None
    mine = {"organization": organization}
    padding = {"padding": "x" * LARGE}
    admin = member(organization, "reviewer")
    department = Department.objects.create(**mine, code=f"{name}ROWN", name="Grown")
    for n in range(number):
        Room.objects.create(**mine, code=f"{name}R{n}", capacity=30, name=f"Hall {n}")
        instructor = Instructor.objects.create(**mine, code=f"{name}I{n}", name=f"Person {n}", department=department)
        curriculum = Curriculum.objects.create(**mine, code=f"{name}Q{n}", name=f"Programme {n}")
        student = Student.objects.create(**mine, code=f"{name}S{n}", name=f"Student {n}")
        course = Course.objects.create(**mine, code=f"{name}C{n}", name=f"Course {n}", department=department)
        offering = CourseOffering.objects.create(**mine, term=term, course=course, expected_students=20)
        offering.instructors.add(instructor)
        offering.curricula.add(curriculum)
        Meeting.objects.create(offering=offering, count=2)
        Enrolment.objects.create(**mine, student=student, offering=offering)
        run = GenerationJob.objects.create(
            **mine, term=term, status="completed", requested_by=admin, finished_at=job.created_at, history=padding, explanation=padding
        )
        variant = VariantFactory(job=run, index=0, certificate={})
        Entry.objects.create(
            variant=variant, lecture=0, course=course.code, section=f"{course.code}-1", room=f"{name}R{n}", day=0, period=0
        )
        forward = Workflow.objects.create(job=run, variant=variant, status="in_review")
        facts = {"action": "select", "from_status": "draft", "to_status": "in_review", "variant": variant, "user": admin}
        for _ in range(2):
            snapshot_keep(event=WorkflowEvent.objects.create(workflow=forward, **facts), variant=variant)
        Comment.objects.create(workflow_id=job.pk, variant=world.variant, lecture=n % 3, text=f"Remark {n}", author=admin)
        accepted = {"constraint": "unplaced", "amount": 1, "owner": "Dean", "reason": "Later."}
        Waiver.objects.create(workflow_id=job.pk, variant=world.variant, revision=world.variant.revision, **accepted)
        Feed.objects.create(**mine, user=admin, by="room", key=f"{name}R{n}")
        last = world.variant.edits.aggregate(last=Max("number"))["last"] or 0
        Edit.objects.create(variant=world.variant, number=last + 1, action="pin", user=admin, hard=0, soft=0)
        ArchiveReading.objects.create(user=admin, name=f"{n}.json", size=2, data=b"x" * LARGE)
        other = Term.objects.create(**mine, code=f"{name}T{n}", name=f"Term {n}", starts_on=dt.date(2020 + n, 1, 1), is_current=False)
        Period.objects.create(term=other, index=0, starts_at="08:00", ends_at="09:00")
    for _ in range(3):
        import_made(organization)


@pytest.fixture(scope="module")
def costs(django_db_setup: Any, django_db_blocker: Any) -> Any:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        term = small_university()
        world = world_make("in_review", organization=term.organization, term=term)
        user = member(term.organization, "admin")
        user.is_staff = True
        user.save()
        ArchiveReading.objects.update(user=user)
        Feed.objects.update(user=user)
        Term.objects.filter(pk=term.pk).update(is_current=True)
        Term.objects.create(organization=term.organization, code="EARLIER", name="Earlier", is_current=False)  # so that one can choose
        grown(world, 1, name="F")  # of everything one
        small = walked(world, user)
        grown(world, 12, name="G")
        large = walked(world, user)
        transaction.set_rollback(True)
    return small, large


# Where there is no Redis, no token, no date, and nothing that the administrator teaches.
PASSED_OVER = {"health", "metrics", "published-calendar", "lecture-date", "own-week"}


def test_no_address_takes_more_queries_for_more_data(costs: tuple[dict[str, Cost], dict[str, Cost]]) -> None:
    small, large = costs
    grew = {name: (small[name].queries, cost.queries) for name, cost in large.items() if cost.queries > small[name].queries}
    assert grew == {}


def test_every_address_is_within_its_limits(costs: tuple[dict[str, Cost], dict[str, Cost]]) -> None:
    _, large = costs
    assert {name: cost.status for name, cost in large.items() if cost.status not in (200, 202, 302) and name not in PASSED_OVER} == {}
    assert [each for name, cost in large.items() for each in over(name, cost, is_large=False)] == []


def test_no_list_reads_a_large_column(costs: tuple[dict[str, Cost], dict[str, Cost]]) -> None:
    small, large = costs
    read = {name: round((cost.read - small[name].read) / MB, 2) for name, cost in large.items() if cost.read - small[name].read > LARGE}
    assert set(read) == {"archive"}  # which is everything


@pytest.mark.parametrize("page_size", [50, 1000])
def test_published_lectures_of_a_large_university_cost_little(page_size: int) -> None:
    """As many lectures, violations and letters as the large demo's; memory is the process's peak as the kernel counts it."""
    job = review_job(num_variants=1, workflow="published", history={"padding": "x" * 5 * MB}, explanation={"padding": "x" * MB})
    variant = job.variants.get()
    facts = variant.entries.values().first()
    Entry.objects.bulk_create([Entry(**facts | {"id": None, "lecture": 10 + n, "section": f"S{n}"}) for n in range(8000)], batch_size=2000)
    conflicts_write(variant_id=variant.pk, rows=[conflict("compactness", 4, lectures=[n, n + 1], message="m" * 300) for n in range(15000)])
    client, cost = Client(), Cost()
    client.force_login(member(job.organization, "viewer"))
    client.get("/api/timetable/published/")

    before = peak_begin()
    with counted(cost):
        answer = client.get(f"/api/timetable/published/?page_size={page_size}")
    memory = peak() - before

    assert len(answer.json()["results"]) == page_size
    assert cost.queries <= 6
    assert cost.read < 1 * MB
    assert memory < 150 * MB
