"""An import from files to rows and back: one transaction, the same again changes nothing, undone exactly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from academics.importing import batches, lifecycle
from academics.importing.messages import ImportConflict, QueueAway
from academics.importing.queue import batch_start
from academics.importing.snapshots import digests_read, snapshot_take
from academics.importing.tasks import import_run as import_task
from academics.long_work import LeaseWatch, work_begin, work_give_up, work_sweep
from academics.models import Availability, CourseOffering, Enrolment, ImportBatch, ImportFile, Instructor, Meeting, Organization, Room, Term
from tests.factories import OrganizationFactory
from tests.factories.generation import JobFactory
from tests.factories.tables import TABLES, files_import, import_run

pytestmark = pytest.mark.django_db
Status = ImportBatch.Status


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def test_an_empty_organization_gets_a_whole_term(organization: Organization) -> None:
    batch = files_import(organization)

    assert (batch.status, batch.problems) == (Status.IMPORTED, [])
    term = Term.objects.get()
    assert (term.code, term.is_current, term.num_days, term.periods.count()) == ("T1", True, 5, 5)
    algebra = CourseOffering.objects.get(course__code="MA1")
    links = CourseOffering.instructors.through.objects.filter(courseoffering=algebra).order_by("id")
    assert [link.instructor.code for link in links] == ["kow", "rao"]
    lab = Meeting.objects.get(offering__course__code="PH1")
    assert (lab.count, lab.length, lab.room_kind, [each.code for each in lab.features.all()]) == (1, 2, "lab", ["gas"])
    assert Enrolment.objects.count() == 3
    assert Availability.objects.filter(instructor__code="rao", rating=-4, day=4).count() == 5
    assert Availability.objects.filter(room__code="R1", rating=-2).count() == 4


def test_the_same_files_again_change_nothing(organization: Organization) -> None:
    files_import(organization)
    before = digests_read(organization=organization)

    again = files_import(organization)
    assert again.status == Status.IMPORTED
    assert {word: sum(counts[word] for counts in again.counts.values()) for word in ("added", "changed", "removed")} == {
        "added": 0,
        "changed": 0,
        "removed": 0,
    }
    assert digests_read(organization=organization) == before
    with pytest.raises(ImportConflict, match="This import changed nothing, so there is nothing to undo"):
        import_run(again, "undo")


def test_columns_that_a_file_leaves_out_stay_as_they_are(organization: Organization) -> None:
    files_import(organization)

    files_import(organization, {"rooms.csv": "Room,Seats\nR1,75\n"})

    room = Room.objects.get(code="R1")
    assert (room.capacity, room.building and room.building.code, [each.code for each in room.features.all()]) == (75, "MAIN", ["projector"])
    assert Room.objects.count() == 3


def test_what_files_leave_out_is_removed_only_where_that_is_asked_for(organization: Organization) -> None:
    files_import(organization)

    batch = files_import(organization, {"rooms.csv": "Room,Seats\nR1,60\n"}, remove_missing=True)

    assert batch.counts["rooms"] == {"added": 0, "changed": 0, "removed": 2, "unchanged": 1}
    assert list(Room.objects.values_list("code", flat=True)) == ["R1"]
    assert Instructor.objects.count() == 2


def test_one_problem_and_nothing_is_written(organization: Organization) -> None:
    tables = TABLES | {"rooms.csv": "Room,Seats\nR1,sixty\n"}

    batch = files_import(organization, tables)

    assert (batch.status, batch.num_problems) == (Status.CHECKED, 1)
    found = batch.problems[0]
    assert (found["file"], found["row"], found["column"], found["value"]) == ("rooms.csv", 2, "Seats", "sixty")
    assert found["allowed"] == "a whole number from 0 to 10000"
    assert not Term.objects.exists()


def test_an_unknown_code_names_the_nearest_one(organization: Organization) -> None:
    batch = files_import(organization, TABLES | {"registrations.csv": "Student,Course\ns1,MA-1\n"})

    assert [found["message"] for found in batch.problems] == ["There is no such code among the courses. Is MA1 meant?"]


def test_undo_puts_back_exactly_what_was_there(organization: Organization) -> None:
    files_import(organization)
    before = snapshot_take(organization=organization)
    changed = {
        "rooms.csv": "Room,Seats,Equipment\nR1,99,\nR9,10,gas\n",
        "offerings.csv": "Course,Lecturers,Meetings\nMA1,rao,5 x 1\n",
        "departments.csv": "Code\nPHYS\n",
    }
    batch = files_import(organization, changed, remove_missing=True)
    assert digests_read(organization=organization) != before[1]

    import_run(batch, "undo")

    assert snapshot_take(organization=organization) == before


def test_undo_is_refused_once_the_data_was_edited(organization: Organization) -> None:
    batch = files_import(organization)
    Room.objects.filter(code="R1").update(capacity=1)

    with pytest.raises(ImportConflict, match="edited since: rooms"):
        import_run(batch, "undo")

    batch.refresh_from_db()
    assert batch.status == Status.IMPORTED
    assert Room.objects.count() == 3


def test_undo_is_refused_where_a_run_uses_what_came(organization: Organization) -> None:
    batch = files_import(organization)
    job = JobFactory(organization=organization, term=Term.objects.get())

    with pytest.raises(ImportConflict, match=f"term T1.* is used by job {job.pk}"):
        import_run(batch, "undo")

    assert Term.objects.exists()


def test_an_import_twice_is_one(organization: Organization) -> None:
    batch = files_import(organization)

    with pytest.raises(ImportConflict, match="This import is imported"):
        import_run(batch, "import")


def test_data_that_changed_since_the_check_have_to_be_looked_at_again(organization: Organization) -> None:
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])
    import_run(batch, "check")
    Room.objects.create(organization=organization, code="R7", capacity=20)

    with pytest.raises(ImportConflict, match="1 to add, 0 to change, 0 to remove then, 0 to add"):
        import_run(batch, "import")


def test_what_goes_along_with_removed_rows_is_told_before(organization: Organization) -> None:
    files_import(organization)
    batch = batches.batch_create(organization=organization, user=None, files=[("courses.csv", b"Code\nMA1\n")])
    batches.batch_choose(batch=batch, choices={}, remove_missing=True)

    import_run(batch, "check")

    assert batch.samples["going_along"] == {"offerings": 1, "meetings": 1, "enrolments": 1}
    import_run(batch, "import")
    assert Enrolment.objects.count() == 2


def test_a_worker_does_it_once_and_tells_how_far_it_is(organization: Organization) -> None:
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])
    attempt = batches.batch_begin(batch=batch, action="import_at_once")

    import_task(str(batch.pk), attempt)
    import_task(str(batch.pk), attempt)
    import_task(str(batch.pk), attempt + 1)

    batch.refresh_from_db()
    assert batch.status == Status.IMPORTED
    assert Room.objects.count() == 1


def test_a_large_import_goes_back_a_step_while_the_queue_is_away(organization: Organization, settings: Any) -> None:
    settings.IMPORT_INLINE_KB = 0
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])

    with pytest.raises(QueueAway, match="can't start now"):
        batch_start(batch=batch, action="check")

    batch.refresh_from_db()
    assert batch.status == Status.UPLOADED


def test_an_import_whose_process_went_silent_is_given_up(organization: Organization) -> None:
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])
    attempt = batches.batch_begin(batch=batch, action="check")
    long_ago = timezone.now() - timedelta(hours=1)
    ImportBatch.objects.filter(pk=batch.pk).update(started_at=long_ago)

    work_sweep(LeaseWatch())

    batch.refresh_from_db()
    assert (batch.status, batch.error[:20]) == (Status.UPLOADED, "The process that wor")
    batches.batch_run(batch_id=batch.pk, attempt=attempt)
    assert ImportBatch.objects.get().status == Status.UPLOADED


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_an_import_that_is_taken_back_just_as_it_begins_is_left(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, is_forgotten: bool
) -> None:
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])
    attempt = batches.batch_begin(batch=batch, action="check")

    def begun_and_taken_back(rows: Any) -> bool:
        is_begun = work_begin(rows)
        batch.refresh_from_db()
        work_give_up(batch)
        if is_forgotten:
            batch.delete()
        return is_begun

    monkeypatch.setattr(lifecycle, "work_begin", begun_and_taken_back)

    with pytest.raises(ImportConflict, match="given up"):
        batches.batch_run(batch_id=batch.pk, attempt=attempt)

    assert is_forgotten or ImportBatch.objects.get().status == Status.UPLOADED


def test_what_was_never_finished_is_tidied_away(organization: Organization, settings: Any) -> None:
    batch = batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS, hours=1))

    batches.batch_create(organization=organization, user=None, files=[("b.csv", b"Code\nX\n")])

    assert not ImportBatch.objects.filter(pk=batch.pk).exists()
    assert not ImportFile.objects.filter(name="rooms.csv").exists()
