"""A variant evaluated again under chosen weights, against the problem that its run solved. Kept by variant, revision and weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from django.core.cache import caches

from academics.models import Organization
from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.evaluate import Evaluation, evaluate_under, units_found
from generation.engine.model.problem import Problem, Weights
from generation.engine.params import Profile
from generation.models import Variant
from generation.problem.stored_problem import problem_of, solution_of
from generation.timetable.profiles import FAVOURS, profiles_for
from generation.timetable.provenance import code_version

OWN = "own"
# In the order of `profiles.FAVOURS`; the first is the institution's weights as they are.
PROFILES = (OWN, "students", "instructors", "rooms")
FACTS = {"student_clashes", "unplaced"}


@dataclass(frozen=True)
class Rescored:
    """What a variant costs under one profile."""

    hard: int
    soft: int
    breakdown: dict[str, int]
    student_clashes: int
    unplaced: int


def profiles_of(organization: Organization) -> dict[str, Profile]:
    """What two variants may be evaluated under: the institution's weights of today, and those that favour somebody."""
    known = {field.name for field in fields(Weights)}
    own = Weights(**{name: int(value) for name, value in organization.weights.items() if name in known})
    profiles = profiles_for(base=own, overrides={}, num_variants=len(FAVOURS))
    return dict(zip(PROFILES, profiles, strict=True))


def variant_rescored(variant: Variant, *, profiles: Mapping[str, Profile], profile: str) -> Rescored:
    """Under other weights only the price of each unit differs, so what the evaluator found when the variant was stored is priced again.

    Where another release's evaluator found it, all is evaluated anew, under all profiles at once: more than half a second for a large
    variant, the first time. Raises `errors.Conflict` where the run's problem is gone.
    """
    cache, weights = caches["figures"], profiles[profile].weights
    kept = cache.get(_key(variant, weights))
    if kept is not None:
        return Rescored(**kept)
    problem = problem_of(job=variant.job)
    units = units_stored(variant, problem)
    if units is not None:
        found = {profile: _priced(variant, problem, weights, units)}
    else:
        evaluations = evaluate_under(problem, solution_of(variant=variant), [each.weights for each in profiles.values()])
        found = {name: _rescored(evaluation) for name, evaluation in zip(profiles, evaluations, strict=True)}
    cache.set_many({_key(variant, profiles[name].weights): asdict(rescored) for name, rescored in found.items()})
    return found[profile]


def units_stored(variant: Variant, problem: Problem) -> dict[str, int] | None:
    """How much of each constraint the evaluator found when the variant was stored; None where it was another release's evaluator."""
    if variant.certificate.get("code_version") != code_version() or not variant.statistics.keys() >= FACTS:
        return None
    prices = {constraint.id: constraint.weight(problem.weights) for constraint in constraints_of(problem, problem.weights)}
    amounts = variant.breakdown
    is_whole = amounts.keys() >= prices.keys() and all(amounts[name] % price == 0 for name, price in prices.items())
    return {name: amounts[name] // price for name, price in prices.items()} if is_whole else None


def _priced(variant: Variant, problem: Problem, weights: Weights, units: Mapping[str, int]) -> Rescored:
    """What cost nothing under the institution's own weights, and does under these, is looked for by the evaluator."""
    chosen = constraints_of(problem, weights)
    missing = [constraint for constraint in chosen if constraint.id not in units]
    known = dict(units) | (units_found(problem, solution_of(variant=variant), missing) if missing else {})
    breakdown = {constraint.id: known[constraint.id] * constraint.weight(weights) for constraint in chosen}
    hard = sum(breakdown[constraint.id] for constraint in chosen if constraint.is_hard)
    facts = variant.statistics
    return Rescored(hard, sum(breakdown.values()) - hard, breakdown, facts["student_clashes"], facts["unplaced"])


def _rescored(evaluation: Evaluation) -> Rescored:
    score = evaluation.score
    return Rescored(score.hard, score.soft, dict(evaluation.breakdown), evaluation.student_clashes, evaluation.unplaced)


def _key(variant: Variant, weights: Weights) -> str:
    text = json.dumps([str(variant.pk), variant.revision, weights.as_dict(), code_version()], sort_keys=True)
    return f"judged-{hashlib.sha256(text.encode()).hexdigest()}"
