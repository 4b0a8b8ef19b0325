"""The same files every night: only what changed is written, and what was edited by hand stays unless the recipe says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from academics.importing.restructured import recipe_save
from academics.models import Organization, Room
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
ROOMS = "Code,Capacity,Kind\nR1,40,classroom\nR2,30,classroom\n"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory(code="mine")


def _run(folder: Path, capsys: pytest.CaptureFixture[str], content: str = ROOMS) -> list[str]:
    """A night's run; the lines below what it was done to."""
    (folder / "rooms.csv").write_text(content)
    call_command("import_data", str(folder / "rooms.csv"), "--organization", "mine", "--recipe", "nightly")
    return capsys.readouterr().out.splitlines()[1:]


def _recipe(organization: Organization, **facts: Any) -> None:
    recipe_save(
        organization=organization, name="nightly", document={"tables": [{"table": "rooms.csv", "answers": {"layout": "none"}, **facts}]}
    )


def test_what_was_edited_by_hand_stays_until_the_recipe_says_that_the_file_owns_it(
    organization: Organization, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _recipe(organization)
    _run(tmp_path, capsys)
    Room.objects.filter(code="R1").update(capacity=44)

    kept = _run(tmp_path, capsys, ROOMS.replace("R1,40", "R1,41"))

    assert kept == ["    kept rooms R1: Capacity 44, edited by hand (the file has 41)"]
    assert Room.objects.get(code="R1").capacity == 44
    _recipe(organization, owners={"rooms": {"capacity": "file"}})
    _run(tmp_path, capsys, ROOMS.replace("R1,40", "R1,41"))
    assert Room.objects.get(code="R1").capacity == 41


def test_a_run_reports_only_what_changed(organization: Organization, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _recipe(organization)
    _run(tmp_path, capsys)

    same = _run(tmp_path, capsys)
    changed = _run(tmp_path, capsys, ROOMS.replace("R2,30", "R2,35"))

    assert same == ["  nothing"]
    assert changed[1:] == ["    change rooms R2: Capacity 30 -> 35"]
    assert Room.objects.get(code="R2").capacity == 35


def test_a_field_that_is_edited_back_belongs_to_the_file_again(
    organization: Organization, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _recipe(organization)
    _run(tmp_path, capsys)
    Room.objects.filter(code="R1").update(capacity=44)
    _run(tmp_path, capsys)
    Room.objects.filter(code="R1").update(capacity=40)

    _run(tmp_path, capsys, ROOMS.replace("R1,40", "R1,41"))

    assert Room.objects.get(code="R1").capacity == 41
