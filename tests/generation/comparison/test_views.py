"""Two variants of a real run side by side: over REST and on the page, judged again under one profile."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework.test import APIClient

from academics.models import Term
from generation.comparison import rescoring
from generation.comparison.comparison import differences_of, scores_of
from generation.comparison.rescoring import PROFILES, profiles_of
from generation.engine.evaluation.evaluate import evaluate, evaluate_under
from generation.engine.model.problem import Weights
from generation.models import GenerationJob, Variant
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_of
from generation.timetable.provenance import code_version
from tests.factories import OrganizationFactory, member, review_job
from tests.factories.evaluated import evaluated_job, solution_shifted
from tests.factories.small_university import small_university

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    caches["figures"].clear()


@pytest.fixture
def term() -> Term:
    return small_university()


@pytest.fixture
def job(term: Term) -> GenerationJob:
    """A completed job with two variants, and its problem kept."""
    return evaluated_job(term)


def pair(job: GenerationJob) -> tuple[Variant, Variant]:
    first, second = job.variants.select_related("job__organization").order_by("index")
    return first, second


def client_of(job: GenerationJob, role: str = "reviewer") -> APIClient:
    client = APIClient()
    client.force_authenticate(member(job.organization, role))
    return client


def address(first: Variant, second: Variant, query: str = "") -> str:
    return f"/api/timetable/variants/{first.pk}/compare/{second.pk}/{query}"


def test_both_are_judged_under_the_same_weights_and_the_criteria_add_up(job: GenerationJob) -> None:
    first, second = pair(job)
    for profile in PROFILES:
        found = client_of(job).get(address(first, second, f"?profile={profile}")).json()
        weights = Weights(**found["weights"])
        problem = problem_load(organization=job.organization, term=job.term)
        assert weights == profiles_of(job.organization)[profile].weights
        for side in ("first", "second"):
            assert found[side]["soft"] == sum(row[side] for row in found["criteria"] if not row["is_hard"] and row["id"] != "soft")
            assert found[side]["hard"] == sum(row[side] for row in found["criteria"] if row["is_hard"] and row["id"] != "hard")
        assert found["first"]["soft"] == evaluate(replace(problem, weights=weights), solution_shifted(problem, 0)).score.soft
        assert all(row["difference"] == row["second"] - row["first"] for row in found["criteria"])


def test_what_the_judge_found_when_a_variant_was_stored_is_only_priced_again(job: GenerationJob, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = pair(job)
    problem, profiles = problem_of(job=job), profiles_of(job.organization)
    weightings = [profile.weights for profile in profiles.values()]
    expected = evaluate_under(problem, solution_shifted(problem, 0), weightings)
    first.certificate = {"code_version": code_version()}
    first.statistics = {"student_clashes": expected[0].student_clashes, "unplaced": 0}
    first.save()
    monkeypatch.setattr(rescoring, "evaluate_under", None)

    found = [rescoring.variant_rescored(first, profiles=profiles, profile=profile) for profile in PROFILES]

    assert set(expected[-1].breakdown) > set(expected[0].breakdown), "one profile weighs what the institution does not"
    assert [(each.hard, each.soft, each.breakdown) for each in found] == [
        (each.score.hard, each.score.soft, each.breakdown) for each in expected
    ]
    first.certificate = {"code_version": "engine-of-old"}
    assert rescoring.units_stored(first, problem) is None


def test_the_institutions_weights_of_today_count_and_not_those_of_the_run(job: GenerationJob) -> None:
    before = scores_of(*pair(job), profile="own")
    job.organization.weights = {name: 2 * value for name, value in Weights().as_dict().items()}
    job.organization.save()

    after = scores_of(*pair(job), profile="own")

    assert before.first.soft > 0
    assert (after.first.soft, after.second.soft) == (2 * before.first.soft, 2 * before.second.soft)


def test_an_edited_variant_is_judged_again(job: GenerationJob) -> None:
    first, second = pair(job)
    before = scores_of(first, second, profile="own"), differences_of(first, second)
    second.entries.filter(lecture=0).update(day=None, period=None, room="")
    Variant.objects.filter(pk=second.pk).update(revision=1)

    after = scores_of(*pair(job), profile="own"), differences_of(*pair(job))

    assert (before[0].second.unplaced, after[0].second.unplaced) == (0, 1)
    assert before[1] != after[1]


def test_moves_and_people_are_told(job: GenerationJob) -> None:
    first, second = pair(job)
    found = client_of(job).get(address(first, second, "?page_size=5")).json()
    assert found["people"] == {"students": 10, "all_students": 10, "instructors": 3, "all_instructors": 3}
    assert (found["num_moved"], len(found["moved"]), found["num_lectures"]) == (12, 5, 12)
    assert found["next"].endswith("page=2&page_size=5")
    row = found["moved"][0]
    assert (row["section"], row["first"]["day"], row["first"]["period"]) != (row["section"], row["second"]["day"], row["second"]["period"])
    same = client_of(job).get(address(first, first)).json()
    assert (same["num_moved"], same["people"]["students"], same["people"]["instructors"]) == (0, 0, 0)


def test_variants_of_another_run_of_the_term_compare_and_of_another_term_do_not(job: GenerationJob, term: Term) -> None:
    theirs = evaluated_job(term, shifts=(3,)).variants.get()
    elsewhere = review_job(organization=term.organization, num_variants=1).variants.get()
    first, _ = pair(job)
    assert client_of(job).get(address(first, theirs)).json()["num_moved"] == 12
    answer = client_of(job).get(address(first, elsewhere))
    assert (answer.status_code, "different terms" in answer.json()["detail"]) == (409, True)


def test_a_run_whose_data_are_gone_has_moves_and_a_word_in_place_of_figures() -> None:
    job = review_job(num_variants=2, workflow="draft")
    first, second = pair(job)
    found = client_of(job).get(address(first, second)).json()
    assert (found["first"], found["criteria"], found["num_moved"]) == (None, [], 4)
    assert found["not_judged"]
    page = Client()
    page.force_login(member(job.organization, "admin"))
    text = page.get(f"/admin/timetables/{job.pk}/compare").content.decode()
    assert "4 of 4 lectures have moved" in text
    assert "2 instructors change" not in text  # three teach, and all of them change
    assert "3 instructors change" in text


def test_who_may_compare(job: GenerationJob) -> None:
    first, second = pair(job)
    foreign = review_job(num_variants=1).variants.get()
    stranger = APIClient()
    stranger.force_authenticate(member(OrganizationFactory(), "admin"))
    assert [APIClient().get(address(first, second)).status_code, stranger.get(address(first, second)).status_code] == [401, 404]
    assert client_of(job, "viewer").get(address(first, second)).status_code == 403
    assert client_of(job).get(address(first, foreign)).status_code == 404
    assert client_of(job).get(f"/api/timetable/variants/{first.pk}/compare/no-id/").status_code == 404
    assert client_of(job).get(address(first, second, "?profile=cheapest")).json()["profile"]


def test_the_page_shows_criteria_people_weeks_and_moves_and_only_differences_on_demand(job: GenerationJob) -> None:
    client = Client()
    client.force_login(member(job.organization, "admin"))
    at = f"/admin/timetables/{job.pk}/compare"
    whole = client.get(at, {"profile": "students", "by": "room"})
    text = whole.content.decode()

    assert "10 students and 3 instructors change" in text
    assert "Both were scored again under: Students first" in text
    assert len(re.findall(r'<table class="week[ "]', text)) == 2
    assert text.count(">moved</span>") == len([card for side in whole.context["sides"] for card in side["grid"].cards])
    assert "Put “Variant" in text.replace("&ldquo;", "“")

    first, _ = pair(job)
    same = client.get(at, {"a": first.pk, "b": first.pk, "only": "1"}).content.decode()
    assert "Nobody&#x27;s week changes" in same or "Nobody's week changes" in same
    assert "No week differs in this view." in same
    assert client.get(at, {"a": "123e4567-e89b-42d3-a456-426614174000"}).status_code == 404


def test_the_page_is_for_administrators_and_reviewers_of_a_run_with_two_variants(job: GenerationJob) -> None:
    client = Client()
    client.force_login(member(job.organization, "viewer"))
    assert client.get(f"/admin/timetables/{job.pk}/compare").status_code == 403
    client.force_login(member(OrganizationFactory(), "admin"))
    assert client.get(f"/admin/timetables/{job.pk}/compare").status_code == 404
    lonely = review_job(num_variants=1)
    client.force_login(member(lonely.organization, "reviewer"))
    assert "only one timetable" in client.get(f"/admin/timetables/{lonely.pk}/compare").content.decode()
