"""Restructuring over REST: questions answered, steps and roles changed, recipes kept; refused where it can't be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from academics.models import Course, ImportBatch, ImportRecipe, Organization
from tests.academics.restructuring.made_files import BANNER, BANNER_ANSWERS
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def api(organization: Organization) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    return client


def _sent(api: APIClient, **fields: Any) -> Any:
    files = [SimpleUploadedFile("classes.csv", BANNER.encode())]
    return api.post("/api/import/", {"files": files, **fields}, format="multipart")


def test_questions_are_in_the_refusal_and_answers_in_the_recipe(api: APIClient, organization: Organization) -> None:
    refused = _sent(api)

    assert refused.status_code == 400
    assert [each["id"] for each in refused.data["questions"]["classes.csv"]] == ["layout", "term"]
    assert not ImportBatch.objects.exists()
    assert _sent(api, recipe=json.dumps({"answers": BANNER_ANSWERS})).status_code == 201
    assert Course.objects.filter(organization=organization).count() == 3


def test_a_draft_is_answered_changed_and_started(api: APIClient, organization: Organization) -> None:
    draft = _sent(api, draft="true")
    address = f"/api/import/{draft.data['id']}/"
    before = api.get(f"{address}restructuring/").data

    after = api.patch(f"{address}restructuring/", {"table": "classes.csv", "answers": BANNER_ANSWERS}, format="json")

    assert draft.status_code == 201
    assert before["tables"][0]["open"] == ["layout", "term"]
    assert after.data["tables"][0]["open"] == []
    assert {each["kind"] for each in after.data["tables"][0]["derived"]} >= {"courses", "offerings", "sections", "rooms", "terms"}
    steps = [{"step": "headings", "row": 1}, {"step": "join", "columns": ["Subj", "Crse"], "separator": "", "to": "Course"}]
    changed = api.patch(f"{address}restructuring/", {"table": "classes.csv", "steps": steps}, format="json")
    assert [each["sentence"] for each in changed.data["tables"][0]["steps"]][1] == "Subj, Crse are joined into Course (4 rows)."
    assert api.post(f"{address}start/", {}, format="json").status_code == 201
    assert Course.objects.filter(organization=organization, code="CS107").exists()
    assert api.patch(f"{address}restructuring/", {"table": "classes.csv", "answers": {}}, format="json").status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"table": "other.csv", "answers": {}}, "table"),
        ({"table": "classes.csv", "answers": []}, "answers"),
        ({"table": "classes.csv", "answers": {"layout": "circus"}}, "answers"),
        ({"table": "classes.csv", "steps": [{"step": "join", "columns": ["Hat", "Crse"], "separator": "", "to": "x"}]}, "steps"),
        ({"table": "classes.csv", "steps": "all"}, "steps"),
        ({"table": "classes.csv", "roles": {"Title": "hat"}}, "roles"),
        ({"table": "classes.csv", "vocabulary": {"letters": 3}}, "vocabulary"),
    ],
)
def test_change_that_cannot_be_is_refused_and_changes_nothing(api: APIClient, change: dict[str, Any], field: str) -> None:
    draft = _sent(api, draft="true")

    refused = api.patch(f"/api/import/{draft.data['id']}/restructuring/", change, format="json")

    assert refused.status_code == 400
    assert field in refused.data
    assert ImportBatch.objects.get().restructuring == {}


def test_recipes_are_kept_listed_used_by_name_and_forgotten(api: APIClient, organization: Organization) -> None:
    document = {"tables": [{"table": "classes.csv", "answers": BANNER_ANSWERS}]}

    kept = api.put("/api/import/recipes/nightly/", document, format="json")

    assert kept.status_code == 200
    assert [each["name"] for each in api.get("/api/import/recipes/").data] == ["nightly"]
    assert api.get("/api/import/recipes/nightly/").data["tables"] == document["tables"]
    assert _sent(api, recipe="nightly").status_code == 201
    assert api.put("/api/import/recipes/nightly/", {"tables": [{"steps": 3}]}, format="json").status_code == 400
    assert api.delete("/api/import/recipes/nightly/").status_code == 204
    assert not ImportRecipe.objects.filter(organization=organization, name="nightly").exists()
    assert _sent(api, recipe="nightly").data["recipe"][0].startswith("There is no recipe 'nightly'.")


HEADINGS = {"step": "headings", "row": 1}


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (
            {"steps": [HEADINGS, {"step": "join", "columns": ["A"], "separator": "", "to": "x"}]},
            "Step 2 (join): This step needs at least 2 columns.",
        ),
        ({"steps": [HEADINGS, {"step": "join", "columns": ["A", "B"], "to": "x"}]}, "Step 2 (join): 'separator' is missing."),
        ({"steps": [HEADINGS, {"step": "melt", "columns": ["A"], "to": "x", "into": "hat"}]}, "Step 2 (melt): 'into' is 'cell' or 'rows'."),
        ({"steps": [{"step": "headings", "row": "one"}]}, "Step 1 (headings): 'row' can't be 'one'."),
        ({"steps": [HEADINGS, {"step": "drop_rows", "column": "A"}]}, "Step 2 (drop_rows): say which rows:"),
        ({"steps": [HEADINGS, {"step": "fly"}]}, "Step 2 (fly): There is no step 'fly'."),
        ({"roles": {"Title": "hat"}}, "Column 'Title': 'hat' is no role of a column."),
        ({"roles": {"A": "room", "B": "room"}}, "'Room' is given to 2 columns, A, B; join them, or choose one"),
        ({"vocabulary": {"letters": 3}}, "The restructuring can't be read:"),
        ({"owners": {"hats": {"size": "file"}}}, "there is no kind 'hats'"),
        ({"owners": {"rooms": {"size": "file"}}}, "'rooms' has no column 'size'"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_where_it_is_saved_by_step_and_field(
    api: APIClient, part: dict[str, Any], sentence: str
) -> None:
    document = {"tables": [{"table": "rooms.csv", "answers": {"layout": "none"}}, {"table": "classes.csv", **part}]}

    refused = api.put("/api/import/recipes/nightly/", document, format="json")

    assert refused.status_code == 400
    said = str(next(iter(refused.data.values()))[0])
    assert said.startswith("Table 2 of the recipe. ")
    assert sentence in said
    assert not ImportRecipe.objects.exists()
