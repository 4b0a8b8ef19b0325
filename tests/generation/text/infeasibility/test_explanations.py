"""Explanations in sentences: display names are put in once, codes stay with them, and what is stored keeps ids and values."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from generation.engine.infeasibility import conflict
from generation.engine.infeasibility.explain import explain
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Problem
from generation.formats.json import read_problem
from generation.text.infeasibility import explanations, obstacles
from generation.text.infeasibility.explanations import STATEMENTS, explanation_record, explanation_shown, statements_record
from generation.text.infeasibility.obstacles import obstacle_text, obstacles_text
from generation.text.infeasibility.phrases import Phrases
from tests.factories.problems import problem_make

ENGINE = Path(conflict.__file__).parent


def overloaded() -> Problem:
    """One instructor teaches more than the week has; curriculum and section are called like the instructor."""
    problem = problem_make([0] * 5 + [1] * 4, section_instructors=[[0], [0]], section_curricula=[[0], []])
    return replace(problem, names=replace(problem.names, instructors=("I7",), curricula=("Asha Rao",), sections=("C0-1", "Asha Rao")))


def test_names_are_put_in_where_the_sentence_is_made_and_codes_stay_beside_it() -> None:
    problem = overloaded()
    found = explain(problem)
    named = explanation_record(found, Phrases(problem, replace(problem.names, instructors=("Asha Rao",), curricula=("First year",))))
    coded = explanation_record(found, Phrases(problem))

    assert named["headline"] == "Asha Rao teaches 9 periods, but is available in only 8."
    assert coded["headline"] == "I7 teaches 9 periods, but is available in only 8."
    assert [member["who"] for member in named["members"]] == [["C0-1", "C1 Asha Rao"], ["I7"]]
    assert [member["who"] for member in coded["members"]] == [member["who"] for member in named["members"]]


def test_who_is_known_by_name_and_code_needs_no_title() -> None:
    problem = overloaded()
    (obstacle,) = preflight(problem)

    assert list(obstacle.instructors) == [0]
    assert obstacle_text(obstacle, Phrases(problem)).startswith("Instructor I7 has 9 periods to teach")
    assert obstacle_text(obstacle, Phrases(problem, people={"I7": "Asha Rao (I7)"})).startswith("Asha Rao (I7) has 9 periods to teach")


def test_ids_and_values_are_stored_beside_the_sentences_and_left_out_where_these_are_shown() -> None:
    problem = read_problem(Path("tests/data/too_few_labs.json"))
    found, phrases = explain(problem), Phrases(problem)
    record = explanation_record(found, phrases)
    stored = json.loads(json.dumps(record | {STATEMENTS: statements_record(found, phrases)}))

    need = {"kind": "lab", "seats": 30, "features": []}
    assert stored["statements"]["headline"] == {
        "id": "rooms_at_once", "values": {"sections": 4, "need": need, "slot": [0, 0], "rooms": 3},
    }  # fmt: skip
    assert stored["statements"]["fixes"][0] == {
        "id": "change_rooms",
        "values": {"amount": 1, "times": [[0, 0]], "need": need, "slot": [0, 0], "closed": [{"room": "Lab 4"}]},
    }
    assert explanation_shown(stored) == record
    earlier = {"verdict": "unknown", "headline": "Not proven impossible."}
    assert (explanation_shown(earlier), explanation_shown({})) == (earlier, {})


def test_everything_that_the_engine_states_has_a_sentence() -> None:
    """Ids made of a kind (``change_...``, ``..._periods``) are seen where the engine's own tests read the sentences."""
    stated = {
        call.args[0].value
        for path in ENGINE.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Obstacle", "Statement")
        if isinstance(call.args[0], ast.Constant)
    }
    known = {id_.split(".")[0] for id_ in (*obstacles.OBSTACLES, *obstacles.CAUSES, *explanations.SENTENCES)}

    assert len(stated) > 40
    assert stated - known == {"seated_wrongly"}  # whose sentence lists what is broken


def test_sentences_are_made_from_templates_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    german = {
        obstacles.OBSTACLES["instructor_overload"]: "{instructor} unterrichtet {periods} Stunden, offen sind {open}.",
        "Instructor {name}": "Lehrkraft {name}",
    }
    for module in ("obstacles", "phrases"):
        monkeypatch.setattr(f"generation.text.infeasibility.{module}.gettext", lambda text: german.get(text, text))
    problem = overloaded()

    assert obstacles_text(preflight(problem), Phrases(problem)) == "Lehrkraft I7 unterrichtet 9 Stunden, offen sind 8."
