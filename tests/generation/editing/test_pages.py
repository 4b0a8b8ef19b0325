"""The grid's page: whose week it shows, what may be done there, and how little is read for it."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.test import Client

from academics.term_weeks import mask_of
from generation.models import GenerationJob, Variant, Workflow
from generation.problem.seating_codec import seating_rows
from tests.factories import JobFactory, OrganizationFactory, VariantFactory, member, review_job
from tests.factories.editing import demo_variant, editable_variant

pytestmark = pytest.mark.django_db


def client_of(job: GenerationJob, role: str = "admin") -> Client:
    client = Client()
    client.force_login(member(job.organization, role))
    return client


def page(variant: Variant, query: str = "", role: str = "admin") -> str:
    response = client_of(variant.job, role).get(f"/admin/timetables/{variant.job_id}/grid?{query}")
    assert response.status_code == 200
    return response.content.decode()


def lectures_in(html: str) -> set[int]:
    return {int(number) for number in re.findall(r'class="lecture[^"]*" data-lecture="(\d+)"', html)}


@pytest.fixture
def demo() -> Variant:
    call_command("demo", "--scale", "small", verbosity=0)
    return demo_variant()


def test_each_kind_of_week_shows_its_own_lectures(demo: Variant) -> None:
    entry = demo.entries.exclude(day=None).exclude(curricula=[]).first()
    assert entry is not None
    student = seating_rows(demo, section=entry.section)[0]["student"]
    department = entry.course.split("-")[0]
    keys = {"section": entry.section, "room": entry.room, "instructor": entry.instructors[0], "curriculum": entry.curricula[0]}
    for by, key in (keys | {"student": student, "department": department}).items():
        html = page(demo, f"by={by}&key={key}")
        found = lectures_in(html)

        assert entry.lecture in found, by
        assert len(found) < 200, by
        assert f'data-by="{by}"' in html


def test_a_week_of_the_term_can_be_chosen_and_shows_what_is_held_in_it() -> None:
    variant = review_job(organization=OrganizationFactory(), num_variants=1).variants.get()
    address = "by=instructor&key=Kowalska"
    everything = lectures_in(page(variant, address))
    assert '<select id="week"' not in page(variant, address), "without weeks there is nothing to choose"
    first, second = (variant.entries.get(section=section) for section in ("ALG-1", "CHE-1"))
    variant.entries.filter(pk=first.pk).update(weeks=mask_of((3, 4)))
    variant.entries.filter(pk=second.pk).update(weeks=mask_of(range(1, 8)))

    every, third, fifth = (page(variant, f"{address}&week={week}") for week in ("", "3", "5"))

    assert {first.lecture, second.lecture} <= lectures_in(every) == everything
    assert '<span class="mark weeks">weeks 3 and 4</span>' in every
    assert '<option value="3" selected>Week 3: 19 Oct to 25 Oct</option>' in third
    assert lectures_in(third) == everything
    assert lectures_in(fifth) == everything - {first.lecture}
    assert "1 lecture is not held in week 5, and not shown." in fifth
    assert lectures_in(page(variant, f"{address}&week=99")) == everything


def test_a_week_is_read_in_few_queries_whatever_the_size(demo: Variant, django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    client = client_of(demo.job)
    address = f"/admin/timetables/{demo.job_id}/grid?by=room"
    client.get(address)

    with django_assert_max_num_queries(26):  # type: ignore[operator]
        client.get(address)


def test_an_administrator_may_change_a_draft_and_nothing_else() -> None:
    variant = editable_variant()
    assert "data-can-edit" in page(variant)
    assert "data-can-edit" not in page(variant, role="reviewer")
    Workflow.objects.filter(pk=variant.job_id).update(status="in_review", variant=variant)

    html = page(variant)

    assert "data-can-edit" not in html
    assert "nothing can be moved here now" in html


def test_a_run_that_kept_no_problem_can_be_read_only() -> None:
    variant = review_job(num_variants=1).variants.get()

    html = page(variant)

    assert "too old to have kept a copy" in html
    assert "data-can-edit" not in html
    assert lectures_in(html)


def test_an_unknown_key_is_said_and_the_first_week_shown() -> None:
    variant = editable_variant()
    html = page(variant, "by=section&key=NOWHERE")

    assert "There is no section &ldquo;NOWHERE&rdquo;" in html
    assert "Week of C0-1" in html
    assert "Week of C2-1" in page(variant, "by=section&key=c2")


def test_a_lecture_without_a_place_can_be_picked_up() -> None:
    variant = editable_variant()
    variant.entries.filter(lecture=0).update(day=None, period=None, room="")

    html = page(variant)

    assert "1 lecture has no place yet" in html
    assert '<button type="button" data-lecture="0"' in html


def test_a_run_without_variants_says_what_to_do() -> None:
    job = JobFactory(status="failed")

    assert "See the run" in client_of(job).get(f"/admin/timetables/{job.pk}/grid").content.decode()


def test_another_jobs_variant_and_another_institution_are_not_found() -> None:
    variant = editable_variant()
    other = VariantFactory()
    assert client_of(variant.job).get(f"/admin/timetables/{variant.job_id}/grid?variant={other.pk}").status_code == 404
    assert client_of(variant.job).get(f"/admin/timetables/{variant.job_id}/grid?variant=nonsense").status_code == 404
    stranger = Client()
    stranger.force_login(member(OrganizationFactory(), "admin"))
    assert stranger.get(f"/admin/timetables/{variant.job_id}/grid").status_code == 404
    assert client_of(variant.job, "viewer").get(f"/admin/timetables/{variant.job_id}/grid").status_code == 403


def test_weeks_are_found_by_a_part_of_code_or_name() -> None:
    variant = editable_variant()
    client = client_of(variant.job, "reviewer")

    def found(query: str) -> list[str]:
        return [row["key"] for row in client.get(f"/api/timetable/variants/{variant.pk}/weeks/?{query}").json()["results"]]

    assert found("by=section") == ["C0-1", "C1-1", "C2-1"]
    assert found("by=section&q=course 2") == ["C2-1"]
    assert found("by=room&q=r1") == ["R1"]
    assert found("by=section&num=1") == ["C0-1"]
    assert client.get(f"/api/timetable/variants/{variant.pk}/weeks/?by=moon").status_code == 400
