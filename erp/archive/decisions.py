"""What an archive says was decided: taken over as said elsewhere, after its figures are found to be true here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import ngettext

from academics.importing.planning import OnProgress
from academics.models import Organization
from erp.archive.approvals import VARIANT, Rows, contradiction
from erp.archive.messages import ArchiveRefusal
from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.evaluate import Evaluation, evaluate
from generation.engine.model.problem import Problem
from generation.models import FrozenProblem, GenerationJob, TakenOver, Variant, Workflow, WorkflowEvent
from generation.problem.builder import problem_hash
from generation.problem.stored_problem import problem_unpack, solution_of
from generation.review.gates import breaches_left, waivers_valid
from generation.timetable.provenance import code_version

TAKE_OVER = "take_over"
ABOUT_WAIVERS = ("waive", "withdraw")
# What arrays of other lengths, kinds or ranges than the problem's own end in.
UNFIT = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError)
Breaches = dict[str, int]  # by constraint: the violations that the evaluator finds


def decisions_take_over(*, organization: Organization, rows: Rows, file: str, reader: User | None, on_progress: OnProgress) -> None:
    """Evaluate every variant that was read, and note at each decision who imported it.

    Raises ArchiveRefusal where a timetable breaks more rules than the archive says, or is in a state to which no step of its
    history leads, or is approved with broken rules that no waiver covers.
    """
    variants = Variant.objects.filter(job__organization=organization).select_related("job").order_by("job_id", "index")
    found: dict[object, Breaches] = {}
    for number, variant in enumerate(variants.defer("conflicts"), 1):
        on_progress("Evaluating the timetables", number - 1, len(variants))
        found[variant.pk] = _breaches(variant, file, rows[VARIANT][variant.pk])
    workflows = Workflow.objects.filter(organization=organization).exclude(status=Workflow.Status.DRAFT)
    for workflow in workflows.select_related("variant"):
        _state_require(workflow, file)
        if workflow.status in (Workflow.Status.APPROVED, Workflow.Status.PUBLISHED):
            _cover_require(workflow, found.get(workflow.variant_id, {}), file)
        _note(workflow, file, reader)
    _taken_over(organization, reader)


def _breaches(variant: Variant, file: str, row: int) -> Breaches:
    """What the evaluator finds; nothing where the archive has no problem of the run, so that nobody can work with the variant either."""
    stored = FrozenProblem.objects.filter(pk=variant.job_id).first()
    if stored is None:
        return {}
    try:
        problem = problem_unpack(stored.data)  # never one that was kept of a run with the same id
        evaluation = evaluate(problem, solution_of(variant=variant, problem=problem))
    except UNFIT as error:
        raise ArchiveRefusal("unfit", file=file, row=row, variant=variant.label, job=variant.job_id, why=str(error)[:200]) from None
    if evaluation.score.hard != variant.hard:
        facts: dict[str, Any] = {"variant": variant.label, "job": variant.job_id, "said": variant.hard, "found": evaluation.score.hard}
        raise ArchiveRefusal("untrue", file=file, row=row, **facts)
    _certificate_require(variant, problem, evaluation, file, row)
    hard = {constraint.id for constraint in constraints_of(problem, problem.weights) if constraint.is_hard}
    return {name: amount for name, amount in evaluation.breakdown.items() if name in hard and amount}


def _certificate_require(variant: Variant, problem: Problem, evaluation: Evaluation, file: str, row: int) -> None:
    """It is of the problem that came with it, and of these lectures."""
    digest = variant.certificate.get("problem_hash")
    if digest is not None and digest != problem_hash(problem):
        raise contradiction(file, VARIANT, row, "certificate", digest, "problem_hash is not that of generation.frozenproblem")
    # Another release may weigh wishes differently.
    if variant.certificate.get("code_version") == code_version() and evaluation.score.soft != variant.soft:
        raise contradiction(file, VARIANT, row, "soft", variant.soft, f"the lectures in generation.entry make {evaluation.score.soft}")


def _state_require(workflow: Workflow, file: str) -> None:
    last = workflow.history.exclude(action__in=ABOUT_WAIVERS).last()
    if last is None or last.to_status != workflow.status or last.variant_id != workflow.variant_id:
        raise ArchiveRefusal("undecided", file=file, job=workflow.job_id, status=workflow.get_status_display().lower())


def _cover_require(workflow: Workflow, breaches: Breaches, file: str) -> None:
    left = breaches_left(breaches, list(waivers_valid(workflow).filter(confirmed_at__isnull=False)))
    if left:
        amount = sum(left.values())
        rules = ngettext("one broken rule", "{amount} broken rules", amount).format(amount=amount)
        raise ArchiveRefusal("uncovered", file=file, job=workflow.job_id, status=workflow.get_status_display().lower(), rules=rules)


def _taken_over(organization: Organization, reader: User | None) -> None:
    """Every run says from now on that its records were made elsewhere, those that nobody decided about, too."""
    read_by = reader.get_username() if reader else ""
    jobs = GenerationJob.objects.filter(organization=organization).values_list("pk", flat=True)
    TakenOver.objects.bulk_create([TakenOver(job_id=key, read_by=read_by) for key in jobs], batch_size=500)


def _note(workflow: Workflow, file: str, reader: User | None) -> None:
    WorkflowEvent.objects.create(
        workflow=workflow,
        action=TAKE_OVER,
        from_status=workflow.status,
        to_status=workflow.status,
        variant=workflow.variant,
        revision=workflow.revision,
        user=reader,
        comment=f"From {file}. What is dated before was recorded elsewhere; its rules were evaluated again here.",
    )
