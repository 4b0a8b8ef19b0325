"""A variant judged again under chosen weights, against the problem that its run solved. Kept by variant, revision and weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from django.core.cache import caches

from academics.models import Organization
from generation.certificate import code_version
from generation.engine.evaluate import Evaluation, evaluate_under
from generation.engine.params import Profile
from generation.engine.problem import Weights
from generation.frozen import problem_of, solution_of
from generation.models import Variant
from generation.profiles import FAVOURS, profiles_for

OWN = "own"
# In the order of `profiles.FAVOURS`; the first is the institution's weights as they are.
PROFILES = (OWN, "students", "instructors", "rooms")


@dataclass(frozen=True)
class Judged:
    """What a variant costs under one profile."""

    hard: int
    soft: int
    breakdown: dict[str, int]
    student_clashes: int
    unplaced: int


def profiles_of(organization: Organization) -> dict[str, Profile]:
    """What two variants may be judged under: the institution's weights of today, and those that favour somebody."""
    known = {field.name for field in fields(Weights)}
    own = Weights(**{name: int(value) for name, value in organization.weights.items() if name in known})
    profiles = profiles_for(base=own, overrides={}, num_variants=len(FAVOURS))
    return dict(zip(PROFILES, profiles, strict=True))


def variant_judged(variant: Variant, *, profiles: Mapping[str, Profile], profile: str) -> Judged:
    """Judges under all profiles at once, as what they weigh is found once; a second on a large variant, the first time.

    Raises `errors.Conflict` where the run's problem is gone.
    """
    cache = caches["figures"]
    kept = cache.get(_key(variant, profiles[profile].weights))
    if kept is not None:
        return Judged(**kept)
    weightings = [each.weights for each in profiles.values()]
    evaluations = evaluate_under(problem_of(job=variant.job), solution_of(variant=variant), weightings)
    found = {name: _judged(evaluation) for name, evaluation in zip(profiles, evaluations, strict=True)}
    cache.set_many({_key(variant, profiles[name].weights): asdict(judged) for name, judged in found.items()})
    return found[profile]


def _judged(evaluation: Evaluation) -> Judged:
    score = evaluation.score
    return Judged(score.hard, score.soft, dict(evaluation.breakdown), evaluation.student_clashes, evaluation.unplaced)


def _key(variant: Variant, weights: Weights) -> str:
    text = json.dumps([str(variant.pk), variant.revision, weights.as_dict(), code_version()], sort_keys=True)
    return f"judged-{hashlib.sha256(text.encode()).hexdigest()}"
