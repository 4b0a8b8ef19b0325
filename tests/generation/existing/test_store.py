"""An existing timetable from a table: a variant of its term, judged and open for work, and gone again with its import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from academics.importing.messages import ImportConflict
from academics.models import Availability, ImportBatch, Organization, RoomPreference, Rule, Term
from erp.archive.reading import archive_document, archive_read
from erp.archive.writing import archive_write
from generation.editing.copy import variant_copy
from generation.editing.services import EditRequest, variant_edit
from generation.engine.evaluation.evaluate import evaluate
from generation.existing import store
from generation.models import GenerationJob, Variant
from generation.problem.builder import problem_hash, problem_load
from generation.problem.stored_problem import problem_of, solution_of
from generation.review.workflow import variant_select
from generation.timetable import results
from generation.timetable.conflict_store import Conflicts
from tests.clients import client_of, rest_of, text_of
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, files_import, import_run

pytestmark = pytest.mark.django_db
HELD = "Course,Section,Day,Start,End,Room,Instructors\n"
ROWS = "MA1,1,Monday,08:00,08:50,R1,rao\nMA1,1,Wednesday,08:00,08:50,,\nMA1,2,Monday,09:00,09:50,R1,\nPH1,1,Tuesday,08:00,09:50,R2,\n"
PLACES = [
    ("MA1/1", 0, 0, "R1"),
    ("MA1/1", 2, 0, "R1"),
    ("MA1/2", None, None, ""),
    ("MA1/2", 0, 1, "R1"),
    ("PH1/1", 1, 0, "R2"),
    ("PH1/2", None, None, ""),
]


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def imported(organization: Organization, rows: str = ROWS, **files: str) -> ImportBatch:
    return files_import(organization, TABLES | files | {"timetable.csv": HELD + rows})


def places(variant: Variant) -> list[tuple[Any, ...]]:
    return sorted(variant.entries.values_list("section", "day", "period", "room"), key=str)


def test_a_table_of_lectures_becomes_an_evaluated_variant_of_the_term(organization: Organization) -> None:
    batch = imported(organization)

    assert batch.error == ""
    assert (batch.status, batch.problems) == (ImportBatch.Status.IMPORTED, [])
    variant = Variant.objects.get()
    assert places(variant) == sorted(PLACES, key=str)
    assert (variant.job.status, variant.job.term, variant.job.origin["taken_from"]) == ("completed", Term.objects.get(), "timetable.csv")
    judged = evaluate(problem_of(job=variant.job), solution_of(variant=variant)).score
    assert (judged.hard, judged.soft) == (variant.hard, variant.soft)
    made = batch.timetables[0]
    assert (made["job_id"], made["variant_id"]) == (str(variant.job_id), str(variant.pk))
    assert (made["lectures"], made["places"], made["unplaced"], made["hard"]) == (6, 4, 2, variant.hard)
    assert made["notes"] == [
        "1 lecture had a time and no room: each was given a room that fits and is free then.",
        "1 lecture (row 2) is taught by others in the data than in the table; the data count.",
        "2 lectures of the term are not in it and have no place yet.",
    ]
    assert Availability.objects.filter(offering__isnull=False).count() == 0


def test_clashes_of_the_table_are_said_and_do_not_stop_it(organization: Organization) -> None:
    imported(organization, "MA1,1,Mon,08:00,08:50,R1,\nMA1,2,Mon,08:00,08:50,R1,\n")

    variant = Variant.objects.get()
    assert variant.breakdown["room_clash"] == 1
    assert variant.statistics["unplaced"] == 4


def test_of_very_many_clashes_some_are_listed_and_all_are_counted(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of 38,000 meetings at random hours has half a million of them."""
    monkeypatch.setattr(results, "MOST_LISTED", 2)
    held = "".join(f"MA1,{number},Mon,08:00,08:50,R1,\n" for number in range(1, 6))
    offerings = "Course,Lecturers,Meetings,Sections\nMA1,rao,1 x 1,5\nPH1,kow,1 x 2 lab,1\n"
    batch = imported(organization, held, **{"offerings.csv": offerings})

    assert (batch.problems, batch.error) == ([], "")
    variant = Variant.objects.get()
    rows = list(Conflicts(variant.pk))
    assert (variant.breakdown["instructor_clash"], variant.breakdown["room_clash"]) == (10, 4)
    assert sum(row["amount"] for row in rows if row["is_hard"]) == variant.hard == sum(variant.certificate["violations"].values())
    rest = next(row for row in rows if row.get("unlisted"))
    assert (rest["constraint"], rest["unlisted"], rest["amount"], rest["lectures"]) == ("instructor_clash", 8, 8, [0, 1, 2, 3, 4])
    assert len([row for row in rows if row["constraint"] == "instructor_clash"]) == 3
    words = "Not listed one by one: 8 more of this kind."
    client = client_of(variant.job.term, "admin")
    assert words in text_of(client.get(f"/admin/timetables/{variant.job_id}/review"))
    found = rest_of(variant.job.term, "admin").get(f"/api/timetable/variants/{variant.pk}/conflicts/").json()
    assert (found["hard"], words in {row["message"] for row in found["results"]}) == (variant.hard, True)
    document = archive_document(data="".join(archive_write(organization=organization)).encode(), file="a.json")
    archive_read(document=document, file="a.json", code="other", replace=False, make_users=True)


@pytest.mark.parametrize("uses", [(), ("pins", "wishes")])
def test_it_is_evaluated_before_the_transaction_that_writes_begins(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, uses: tuple[str, ...]
) -> None:
    """SQLite lets nobody write meanwhile, and an institution's data are locked on PostgreSQL."""
    depth = len(connection.atomic_blocks)  # of the test's own
    depths: list[int] = []

    def evaluate_watched(*arguments: Any) -> Any:
        depths.append(len(connection.atomic_blocks))
        return results.solution_evaluate(*arguments)

    monkeypatch.setattr(store, "solution_evaluate", evaluate_watched)

    batch = files_import(organization, TABLES | {"timetable.csv": HELD + ROWS}, uses=uses)

    assert batch.error == ""
    assert depths == [depth] * (2 if uses else 1)
    variant = Variant.objects.get()
    problem = problem_load(organization=organization, term=Term.objects.get())
    assert variant.certificate["problem_hash"] == problem_hash(problem)  # of the data that were written, rules among them
    assert Rule.objects.filter(kind="pin_time").count() == (4 if uses else 0)


def test_the_same_table_again_makes_no_second_timetable(organization: Organization) -> None:
    first = imported(organization)

    again = imported(organization)

    assert [each["variant_id"] for each in again.timetables] == [first.timetables[0]["variant_id"]]
    assert (again.timetables[0]["is_new"], Variant.objects.count()) == (False, 1)


def test_undo_takes_the_timetable_away_with_the_data(organization: Organization) -> None:
    batch = imported(organization)

    import_run(batch, "undo")

    assert not GenerationJob.objects.exists()
    assert not Term.objects.exists()


def test_a_timetable_alone_is_undone_too(organization: Organization) -> None:
    files_import(organization)
    batch = files_import(organization, {"timetable.csv": HELD + ROWS})

    import_run(batch, "undo")

    assert not Variant.objects.exists()
    assert Term.objects.exists()


@pytest.mark.parametrize(("work", "words"), [("edit", "changed by hand"), ("select", "put forward")])
def test_a_timetable_that_somebody_worked_with_is_not_undone_and_it_is_said_why(organization: Organization, work: str, words: str) -> None:
    batch, user = imported(organization), member(organization, "admin")
    variant = Variant.objects.get()
    if work == "edit":
        variant_edit(variant=variant, user=user, request=EditRequest(0, "pin", 0))
    else:
        variant_select(variant=variant, user=user)

    with pytest.raises(ImportConflict, match=words):
        import_run(batch, "undo")

    assert Variant.objects.get() == variant


def test_pins_fix_what_breaks_no_rule_to_its_time_and_its_room(organization: Organization) -> None:
    files_import(organization)
    batch = files_import(organization, {"timetable.csv": HELD + ROWS + "MA1,2,Tuesday,08:00,08:50,R3,\n"}, uses=("pins",))

    pins = {(rule.kind, rule.offerings.get().course.code, rule.lecture, rule.day, rule.period) for rule in Rule.objects.all()}
    assert ("pin_time", "MA1", 0, 0, 0) in pins
    assert ("pin_time", "MA1", 1, 2, 0) in pins
    assert ("pin_room", "MA1", 1, None, None) not in pins  # its row names no room
    variant = Variant.objects.get()
    assert set(variant.entries.filter(section="MA1/1").values_list("is_time_pinned", flat=True)) == {True}
    assert "fixed by rules" in " ".join(batch.timetables[0]["notes"])
    assert not Availability.objects.filter(offering__isnull=False).exists()

    import_run(batch, "undo")
    assert not Rule.objects.exists()


def test_wishes_are_a_weighted_rule_for_the_times_and_preferences_for_the_rooms(organization: Organization) -> None:
    files_import(organization)
    files_import(organization, {"timetable.csv": HELD + ROWS}, uses=("wishes",))

    rule = Rule.objects.get(offerings__course__code="MA1")
    assert (rule.kind, rule.is_hard) == ("inside", False)
    assert sorted(rule.timeslots.values_list("day", "period")) == [(0, 0), (0, 1), (2, 0)]
    assert list(RoomPreference.objects.filter(offering__course__code="MA1").values_list("room__code", "rank")) == [("R1", 0)]
    assert not Availability.objects.filter(offering__isnull=False).exists()


def test_it_is_shown_edited_copied_and_put_forward_as_any_variant(organization: Organization) -> None:
    imported(organization)
    variant, user = Variant.objects.get(), member(organization, "admin", username="ada")
    client = client_of(variant.job.term, "admin")

    page = text_of(client.get(f"/admin/timetables/{variant.job_id}/review"))
    assert "Taken over from timetable.csv" in page
    assert client.get(f"/admin/timetables/{variant.job_id}/grid").status_code in (200, 302)
    assert "taken over</span>" in text_of(client.get("/admin/timetables/"))
    facts = rest_of(variant.job.term, "admin").get(f"/api/timetable/variants/{variant.pk}/").json()
    assert facts["certificate"]["taken_from"]["taken_from"] == "timetable.csv"
    assert variant_copy(variant=variant, user=user).job.origin["variant_id"] == str(variant.pk)
    variant_edit(variant=variant, user=user, request=EditRequest(0, "move", 0, 3, 0, "R3"))
    variant.refresh_from_db()
    variant_select(variant=variant, user=user)
    assert variant.job.workflow.status == "in_review"


def test_rest_names_the_run_and_the_variant_and_takes_what_else_is_made(organization: Organization) -> None:
    files_import(organization)
    api = APIClient()
    api.force_authenticate(member(organization, "admin"))
    file = SimpleUploadedFile("timetable.csv", (HELD + ROWS).encode())

    answer = api.post("/api/import/", {"files": [file], "uses": ["pins", "wishes"]}, format="multipart")

    assert answer.status_code == 201, answer.data
    made = answer.json()["timetables"][0]
    assert api.get(f"/api/timetable/variants/{made['variant_id']}/").status_code == 200
    assert api.get(f"/api/generation-jobs/{made['job_id']}/").json()["status"] == "completed"
    assert {rule.kind for rule in Rule.objects.all()} == {"pin_time", "pin_room", "inside"}
    again = SimpleUploadedFile("timetable.csv", (HELD + ROWS).encode())
    assert api.post("/api/import/", {"files": [again], "uses": ["magic"]}, format="multipart").status_code == 400


def test_the_pages_say_what_becomes_of_it_and_lead_to_it(organization: Organization) -> None:
    files_import(organization)
    client = Client()
    client.force_login(member(organization, "admin"))
    file = SimpleUploadedFile("timetable.csv", (HELD + ROWS).encode())
    address = client.post("/admin/import/", {"files": [file]}).headers["Location"]
    columns = client.get(address).context["tables"][0]
    form = {"kind-0": "timetable", "was-0": "timetable", "headings-0": "1", "were-0": "1", "uses": "pins"}
    form |= {each["name"]: each["column"] for each in columns["headings"]}

    checked = text_of(client.post(address, form | {"action": "check"}, follow=True))
    done = text_of(client.post(address, {"action": "import"}, follow=True))

    assert "Existing timetable" in checked
    made = ImportBatch.objects.get(uses=["pins"]).timetables[0]
    assert f"/admin/timetables/{made['job_id']}/review" in done
    assert f"/admin/timetables/new?keep=sound&amp;keep_from={made['variant_id']}" in done
    assert "fixed by rules" in done


def test_an_archive_has_it_with_where_it_came_from(organization: Organization) -> None:
    imported(organization)
    document = archive_document(data="".join(archive_write(organization=organization)).encode(), file="a.json")

    read = archive_read(document=document, file="a.json", code="other", replace=False, make_users=True)

    assert read.jobs.get().origin["taken_from"] == "timetable.csv"


def test_the_command_takes_it_over_and_reads_back_what_is_exported(
    organization: Organization, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(organization)
    variant = Variant.objects.get()
    exported = rest_of(variant.job.term, "admin").get(f"/api/timetable/variants/{variant.pk}/export/?as=csv").content
    rows = [row for row in exported.decode("utf-8-sig").splitlines() if ",,,1," not in row and ",,,2," not in row]  # without a place
    (tmp_path / "week.csv").write_text("\n".join(rows))

    (tmp_path / "mapping.json").write_text('{"week.csv": {"kind": "timetable"}}')
    command = ["import_data", str(tmp_path / "week.csv"), "--organization", organization.code, "--uses", "wishes"]

    call_command(*command, "--mapping", str(tmp_path / "mapping.json"))

    words = capsys.readouterr().out
    assert "week.csv: read as timetable" in words
    assert "Took over the timetable of T1: 4 of 6 lectures" in words
    assert places(Variant.objects.latest("created_at")) == places(variant)


def test_a_lecture_under_two_codes_is_one_whichever_of_them_the_rows_name(organization: Organization) -> None:
    tables = TABLES | {
        "courses.csv": "Code,Title\nMA1,Algebra\nMA9,Algebra for all\n",
        "offerings.csv": "Course,Lecturers,Meetings,Taught with\nMA1,rao,2 x 1,\nMA9,,,MA1\n",
        "registrations.csv": "Student,Course\ns1,MA1\ns2,MA9\n",
        "timetable.csv": HELD + "MA1,,Mon,08:00,08:50,R1,\nMA9,,Mon,08:00,08:50,R1,\nMA9,,Tue,08:00,08:50,R1,\n",
    }
    batch = files_import(organization, tables, uses=("pins",))

    assert (batch.problems, batch.error) == ([], "")
    assert places(Variant.objects.get()) == [("MA1", 0, 0, "R1"), ("MA1", 1, 0, "R1")]
    assert {rule.offerings.get().course.code for rule in Rule.objects.filter(kind="pin_time")} == {"MA1"}
