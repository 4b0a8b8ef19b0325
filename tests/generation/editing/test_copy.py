"""A copy of a variant: a draft of its own to change, compare and put forward, while the original stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from generation.editing.copy import variant_copy
from generation.editing.services import EditRequest, edit_undo, variant_edit
from generation.engine.evaluation.evaluate import evaluate
from generation.errors import Conflict
from generation.models import Entry, FrozenProblem, GenerationJob, Variant, Workflow
from generation.problem.stored_problem import problem_of, solution_of
from generation.review.workflow import variant_select
from tests.clients import client_of, rest_of, text_of
from tests.factories import member
from tests.factories.editing import editable_variant

pytestmark = pytest.mark.django_db


def edited() -> Variant:
    """Once changed by hand, and approved."""
    variant = editable_variant()
    user = member(variant.job.organization, "admin")
    variant_edit(variant=variant, user=user, request=EditRequest(0, "move", 0, 1, 2, "R1"))
    variant_edit(variant=variant, user=user, request=EditRequest(1, "pin", 1))
    Workflow.objects.filter(pk=variant.job_id).update(status="published", variant=variant)
    return variant


def rows(variant: Variant) -> list[dict[str, Any]]:
    columns = [field.attname for field in Entry._meta.concrete_fields if field.name not in ("id", "variant")]
    return list(variant.entries.order_by("lecture").values(*columns))


def test_a_copy_has_the_same_timetable_and_judgement_and_a_history_of_its_own() -> None:
    variant = edited()
    user = member(variant.job.organization, "admin", username="ada")

    made = variant_copy(variant=variant, user=user)

    assert rows(made) == rows(variant)
    assert (made.hard, made.soft, made.breakdown) == (variant.hard, variant.soft, variant.breakdown)
    assert (made.revision, made.edits.count()) == (0, 0)
    assert made.label.startswith("Balanced (copy, ada, ")
    assert made.job.origin["variant_id"] == str(variant.pk)
    assert (made.job.origin["revision"], made.job.status, made.job.reuse_key) == (2, "completed", "")
    judged = evaluate(problem_of(job=made.job), solution_of(variant=made)).score
    assert (judged.hard, judged.soft) == (made.hard, made.soft)


def test_a_copy_of_what_is_published_is_changed_and_put_forward_and_the_original_stays() -> None:
    variant = edited()
    before = rows(variant)
    user = member(variant.job.organization, "admin")
    made = variant_copy(variant=variant, user=user)

    variant_edit(variant=made, user=user, request=EditRequest(0, "move", 2, 1, 3, "R0"))
    edit_undo(variant=made, user=user, revision=1)
    workflow = variant_select(variant=made, user=user)

    assert (workflow.status, workflow.pk) == ("in_review", made.job_id)
    assert rows(variant) == before
    assert Workflow.objects.get(pk=variant.job_id).status == "published"


def test_a_copy_outlives_its_original_and_a_copy_of_a_copy_is_named_after_the_first() -> None:
    variant = edited()
    user = member(variant.job.organization, "admin", username="a-name-of-nearly-thirty-letters")
    made = variant_copy(variant=variant, user=user)
    again = variant_copy(variant=made, user=user)
    Workflow.objects.filter(pk=variant.job_id).delete()
    GenerationJob.objects.filter(pk=variant.job_id).delete()

    assert (again.label.count("copy"), len(again.label) <= 60) == (1, True)
    page = text_of(client_of(made.job.term, "reviewer").get(f"/admin/timetables/{made.job_id}/review"))
    assert "Copied from" in page
    assert f"variant={variant.pk}" not in page


def test_a_copy_that_could_not_be_changed_is_not_made() -> None:
    variant = editable_variant()
    FrozenProblem.objects.all().delete()

    with pytest.raises(Conflict, match="The data of this term have changed"):
        variant_copy(variant=variant, user=member(variant.job.organization, "admin"))
    assert GenerationJob.objects.count() == 1


def test_over_rest_the_same_key_gives_the_same_copy() -> None:
    variant = edited()
    client, address = rest_of(variant.job.term, "admin"), f"/api/timetable/variants/{variant.pk}/copy/"  # type: ignore[arg-type]

    first = client.post(address, headers={"idempotency-key": "k"})
    second = client.post(address, headers={"idempotency-key": "k"})
    third = client.post(address)
    wrong = client.post(address, headers={"idempotency-key": "x" * 201})

    assert (first.status_code, wrong.status_code) == (201, 400)
    assert first.json()["id"] == second.json()["id"] != third.json()["id"]
    assert first.headers["Location"].endswith(f"/api/timetable/variants/{first.json()['id']}/")
    assert GenerationJob.objects.count() == 3


def test_the_pages_offer_a_copy_say_what_it_was_made_from_and_list_it() -> None:
    variant = edited()
    client = client_of(variant.job.term, "admin")  # type: ignore[arg-type]
    for page in ("review", "grid"):
        assert "Copy to edit" in text_of(client.get(f"/admin/timetables/{variant.job_id}/{page}"))

    answer = client.post(f"/admin/timetables/{variant.job_id}/copy", {"variant": str(variant.pk), "form_key": "a"}, follow=True)
    twice = client.post(f"/admin/timetables/{variant.job_id}/copy", {"variant": str(variant.pk), "form_key": "a"})

    made = GenerationJob.objects.exclude(pk=variant.job_id).get()
    assert twice.url.startswith(f"/admin/timetables/{made.pk}/grid")  # type: ignore[attr-defined]
    assert "data-can-edit" in text_of(answer)
    assert "after 2 changes by hand" in text_of(answer)
    compared = client.get(f"/admin/timetables/{made.pk}/compare", {"a": str(variant.pk), "b": str(made.variants.get().pk)})
    assert "Nobody" in text_of(compared)
    assert "a copy" in text_of(client.get("/admin/timetables/"))
    assert client.post(f"/admin/timetables/{variant.job_id}/copy", {"variant": "x"}).status_code == 404


def test_more_copies_of_one_run_than_the_limit_are_refused_with_what_to_do(settings: Any) -> None:
    settings.COPIES_LIMIT = 2
    variant = edited()
    user = member(variant.job.organization, "admin")
    made = variant_copy(variant=variant, user=user, idempotency_key="k")
    variant_copy(variant=made, user=user)
    client = client_of(variant.job.term, "admin")  # type: ignore[arg-type]

    for source in (variant, made):
        with pytest.raises(Conflict, match=r"has 2 copies, and 2 are the most that one may have \(setting COPIES_LIMIT\)"):
            variant_copy(variant=source, user=user)
    page = client.post(f"/admin/timetables/{variant.job_id}/copy", {"variant": str(variant.pk), "form_key": "b"}, follow=True)

    assert "Change one of them further, or make a new timetable." in text_of(page)
    assert variant_copy(variant=variant, user=user, idempotency_key="k") == made
    assert GenerationJob.objects.count() == 3


def test_a_key_that_was_used_for_another_variant_or_a_run_makes_no_copy() -> None:
    variant = edited()
    user = member(variant.job.organization, "admin")
    made = variant_copy(variant=variant, user=user, idempotency_key="k")
    GenerationJob.objects.filter(pk=variant.job_id).update(requested_by=user, idempotency_key="run")

    for source, key in ((made, "k"), (variant, "run")):
        with pytest.raises(Conflict, match="was used for another request"):
            variant_copy(variant=source, user=user, idempotency_key=key)
