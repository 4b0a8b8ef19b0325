"""Which wishes a timetable keeps, and what the missed ones would have cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from academics.models import Instructor, Period
from generation.models import Variant, WishAnswer, WishRound, Workflow
from generation.wishes.links import link_token
from tests.factories import member
from tests.factories.editing import editable_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return editable_variant()


def answer_made(variant: Variant, **said: object) -> WishAnswer:
    """Of the instructor of the first two lectures, on Monday and Tuesday morning."""
    job, now = variant.job, timezone.now()
    assert job.term is not None
    code = variant.entries.get(lecture=0).instructors[0]
    person = Instructor.objects.create(organization=job.organization, code=code, name="Dr First")
    found = WishRound.objects.create(
        organization=job.organization, term=job.term, opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1)
    )
    return WishAnswer.objects.create(round=found, instructor=person, state="accepted", sent_at=now, **said)


def publish(variant: Variant) -> None:
    job = variant.job
    facts = {"status": "published", "variant": variant, "organization": job.organization, "term": job.term}
    Workflow.objects.update_or_create(job=job, defaults=facts)


def test_a_missed_wish_names_the_lecture_and_what_its_best_other_place_costs(variant: Variant) -> None:
    periods = list(Period.objects.filter(term=variant.job.term).values_list("index", flat=True))
    answer = answer_made(
        variant,
        marks=[[0, periods[0], -4], [0, periods[1], -4], [1, periods[2], 2]],
        free_days=[3],
        num_free_days=2,
        rooms=["R0"],
        shape="packed",
    )
    address = f"/wishes/{link_token(answer, 'result')}"
    assert "The timetable is not published yet" in Client().get(address).content.decode()
    publish(variant)

    page = " ".join(Client().get(address).content.decode().split())

    mine, colleagues = variant.entries.get(lecture=0), variant.entries.get(lecture=2)
    assert f"<strong>Marked as impossible</strong>: {mine.title or mine.course} ({mine.section}) lies on Monday 08:00." in page
    assert "would break no rule" in page
    assert "1 of 2 times marked as impossible stay free." in page
    assert "Thursday is free." in page
    assert "0 of 1 time that you would like have a lecture." in page
    assert "2 of 2 lectures are in R0." in page
    assert "Lectures on 2 days; wished: packed into few days." in page
    assert colleagues.section not in page


def test_no_other_time_is_named_where_none_keeps_all_wishes(variant: Variant) -> None:
    term = variant.job.term
    assert term is not None
    answer = answer_made(variant, free_days=list(range(term.num_days)))
    publish(variant)
    client = Client()
    client.force_login(member(variant.job.organization, "admin"))

    page = client.get(f"/admin/rules/wishes/{answer.pk}").content.decode()

    assert "There is no other time of the week that would keep all your wishes." in page
    assert "<strong>Monday off</strong>" in page
