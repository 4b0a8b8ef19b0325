"""An imported ITC-2007 instance changed by hand: the competition's own rules agree with what the API says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from academics.models import Organization
from generation.problem.builder import problem_load
from tests.factories import member
from tests.factories.editing import editable_variant
from tests.generation.exports.test_judged import random_solution, validated

MOVES = 50
pytestmark = pytest.mark.django_db


def test_the_validator_agrees_after_fifty_random_moves(shared_folder: Path, tmp_path: Path) -> None:
    instance = shared_folder / "data" / "itc2007" / "comp01.ctt"
    call_command("import_data", str(instance), "--organization", "itc", verbosity=0)
    organization = Organization.objects.get(code="itc")
    term = organization.term_set.get()
    problem = problem_load(organization=organization, term=term)
    variant = editable_variant(problem, random_solution(problem, seed=1), organization=organization, term=term)
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    base = f"/api/timetable/variants/{variant.pk}"
    rng = np.random.default_rng(50)
    revision = 0

    for _ in range(MOVES):
        lecture, slot = int(rng.integers(problem.num_lectures)), int(rng.integers(problem.num_timeslots))
        day, period = divmod(slot, problem.periods_per_day)
        place = client.get(f"{base}/lectures/{lecture}/places/").json()["places"][slot]
        before = client.get(f"{base}/").json()
        answer = client.post(
            f"{base}/edits/",
            {"revision": revision, "action": "move", "lecture": lecture, "day": day, "period": period, "room": place["room"]},
            format="json",
        ).json()
        revision = answer["revision"]
        assert (answer["hard"], answer["soft"]) == (before["hard"] + place["hard"], before["soft"] + place["soft"])

    written = tmp_path / "moved.sol"
    written.write_bytes(client.get(f"{base}/export/?as=ctt").content)
    assert validated(shared_folder, instance, written) == (answer["hard"], answer["soft"])
    assert revision > MOVES - 5
