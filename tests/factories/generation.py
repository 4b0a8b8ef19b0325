"""Jobs, variants and their lectures."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from generation.models import Entry, GenerationJob, Variant, Workflow
from generation.timetable.conflict_store import conflicts_write
from tests.factories.academics import OrganizationFactory, TermFactory


class JobFactory(DjangoModelFactory):
    class Meta:
        model = GenerationJob

    organization = factory.SubFactory(OrganizationFactory)
    term = factory.LazyAttribute(lambda row: TermFactory(organization=row.organization))
    status = GenerationJob.Status.COMPLETED


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    job = factory.SubFactory(JobFactory)
    index = factory.Sequence(lambda n: n)
    label = factory.LazyAttribute(lambda row: f"Variant {row.index}")
    weights = {"compactness": 2}
    seed = 1
    hard = 0
    soft = 7
    breakdown = {"compactness": 4, "lunch": 3}
    statistics = {"unplaced": 0}
    certificate = {"seed": 1}
    conflicts = factory.LazyFunction(
        lambda: [
            conflict("compactness", 4, lectures=[0], slot=0, who=["CUR1"]),
            conflict("lunch", 3, lectures=[1, 2], slot=5, who=["Kowalska"]),
        ]
    )

    @classmethod
    def _create(cls, model_class: type[Variant], *args: Any, conflicts: list[dict[str, Any]], **facts: Any) -> Variant:
        variant: Variant = super()._create(model_class, *args, **facts)
        conflicts_write(variant_id=variant.pk, rows=conflicts, is_new=True)
        return variant


class EntryFactory(DjangoModelFactory):
    class Meta:
        model = Entry

    variant = factory.SubFactory(VariantFactory)
    lecture = factory.Sequence(lambda n: n)
    course = "ALG"
    title = "Algebra"
    section = "ALG-1"
    instructors = ["Kowalska"]
    curricula = ["CUR1"]
    size = 25
    room = "R1"
    day = 0
    period = 0


class WorkflowFactory(DjangoModelFactory):
    class Meta:
        model = Workflow

    job = factory.SubFactory(JobFactory)
    variant = factory.LazyAttribute(lambda row: VariantFactory(job=row.job))
    status = Workflow.Status.IN_REVIEW


def conflict(constraint: str, amount: int, *, is_hard: bool = False, **facts: Any) -> dict[str, Any]:
    """A violation as a variant stores it."""
    return {
        "constraint": constraint,
        "is_hard": is_hard,
        "amount": amount,
        "lectures": [],
        "slot": None,
        "room": None,
        "who": [],
        "message": f"{constraint} costs {amount}.",
        "suggestion": "Move one of the lectures.",
    } | facts


LECTURES = (
    {"course": "ALG", "title": "Algebra", "section": "ALG-1", "room": "R1", "day": 0, "period": 0},
    {
        "course": "BIO",
        "title": "Biology lab",
        "section": "BIO-1",
        "room": "LAB",
        "day": 1,
        "period": 1,
        "length": 2,
        "instructors": ["Łódź"],
    },
    {"course": "CHE", "title": "Chemistry", "section": "CHE-1", "room": "R1", "day": 1, "period": 2, "instructors": ["Kowalska", "Nowak"]},
    {"course": "DRA", "title": "Drama", "section": "DRA-1", "room": "R2", "day": 4, "period": 3, "curricula": ["CUR2"]},
)


def review_job(*, num_variants: int = 3, workflow: str | None = None, **facts: Any) -> GenerationJob:
    """A completed job whose variants hold the lectures above, each variant one day later than the last."""
    job: GenerationJob = JobFactory(**facts)
    for index in range(num_variants):
        variant = VariantFactory(job=job, index=index, seed=index + 1)
        for lecture, words in enumerate(LECTURES):
            EntryFactory(variant=variant, lecture=lecture, **words | {"day": (int(words["day"]) + index) % 5})
    if workflow is not None:
        Workflow.objects.create(job=job, variant=job.variants.first() if workflow != "draft" else None, status=workflow)
    return job
