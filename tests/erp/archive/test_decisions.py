"""What an archive says was decided: believed only where its own figures and history bear it out, and never as if it had happened here."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.writing import archive_write
from generation.models import Entry, Variant, Waiver, Workflow, WorkflowEvent
from tests.factories import OrganizationFactory, member
from tests.factories.archives import sealed
from tests.world import World, world_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return world_make("published")


def archived(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(archive_write(organization=world.job.organization)))
    return found


def read(archive: dict[str, Any], **facts: Any) -> Any:
    document = archive_document(data=sealed(archive).encode(), file="term.json")
    return archive_read(document=document, file="term.json", code="copy", replace=False, make_users=False, **facts)


def changed(archive: dict[str, Any], table: str, **values: Any) -> dict[str, Any]:
    """The same with other values in all rows of a table."""
    content = archive["tables"][table]
    for row in content["rows"]:
        for name, value in values.items():
            row[content["columns"].index(name)] = value
    return archive


def test_the_history_says_who_took_over_what_was_decided_elsewhere(world: World) -> None:
    admin = member(OrganizationFactory(code="copy"), "admin")
    copy = read(archived(world), reader=admin)

    event = WorkflowEvent.objects.filter(workflow__organization=copy).last()

    assert event is not None
    assert (event.action, event.user, event.to_status) == ("take_over", admin, "published")
    assert "term.json" in event.comment
    client = Client()
    client.force_login(member(copy, "admin"))
    page = client.get(f"/admin/timetables/{event.workflow_id}/review").content.decode()
    assert "took over from an archive" in page


def test_each_reading_says_so_itself_and_the_archive_stays_equal(world: World) -> None:
    archive = archived(world)
    copy = read(archive)
    again = json.loads("".join(archive_write(organization=copy)))

    before, after = (each["tables"]["generation.workflowevent"]["rows"] for each in (archive, again))
    assert WorkflowEvent.objects.filter(workflow__organization=copy).count() == len(before) + 1
    assert [row[1:5] for row in after] == [row[1:5] for row in before]


def test_a_variant_that_breaks_more_rules_than_the_file_says_is_refused(world: World) -> None:
    archive = changed(
        archived(world), "generation.entry", day=0, period=0, room=Entry.objects.exclude(room="").values_list("room", flat=True)[0]
    )

    with pytest.raises(ArchiveRefusal, match=r"term\.json, .* breaks \d+ hard rules, not 0 as the file says"):
        read(archive)
    assert not Workflow.objects.filter(organization__code="copy").exists()


@pytest.mark.parametrize("said", ["approved", "archived", "rejected"])
def test_a_state_to_which_no_step_leads_is_refused(world: World, said: str) -> None:
    with pytest.raises(ArchiveRefusal, match=r"column status|no step of its history leads there"):
        read(changed(archived(world), "generation.workflow", status=said))


def test_an_approval_with_broken_rules_needs_its_confirmed_waivers(world: World) -> None:
    Entry.objects.filter(variant=world.variant, lecture=0).update(day=None, period=None, room="")
    with pytest.raises(ArchiveRefusal, match=r"breaks 'unplaced' \d+ times") as refused:
        read(archived(world))
    amount = int(str(refused.value).split(" times")[0].split(" ")[-1])
    Variant.objects.filter(pk=world.variant.pk).update(hard=amount)

    with pytest.raises(ArchiveRefusal, match=r"than the confirmed waivers|that no confirmed waiver covers"):
        read(archived(world))
    Waiver.objects.filter(workflow=world.job.pk).update(amount=amount, revision=world.variant.revision, confirmed_at=timezone.now())
    assert read(archived(world)).code == "copy"


def test_a_step_that_the_archive_invents_is_refused(world: World) -> None:
    with pytest.raises(ArchiveRefusal, match="column action"):
        read(changed(archived(world), "generation.workflowevent", action="take_over"))


@pytest.mark.parametrize("change", [lambda lengths: lengths.astype(float), lambda lengths: lengths[:1], lambda lengths: lengths + 100])
def test_a_problem_of_another_shape_is_refused(world: World, change: Callable[[Any], Any]) -> None:
    """Unpacked it is a problem; only the judge finds that the lectures are not of it."""
    archive = archived(world)
    content = archive["tables"]["generation.frozenproblem"]
    column = content["columns"].index("data")
    with np.load(io.BytesIO(base64.b64decode(content["rows"][0][column]))) as stored:
        arrays = dict(stored)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays | {"lecture_length": change(arrays["lecture_length"])})
    content["rows"][0][column] = base64.b64encode(buffer.getvalue()).decode()

    with pytest.raises(ArchiveRefusal):
        read(archive)
