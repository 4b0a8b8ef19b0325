"""An archive read back gives an equal organization: the same archive, byte by byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from rest_framework.test import APIClient

from academics.models import CourseOffering, Instructor, Organization, Student, StudentGroup
from academics.services import demo_store
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.tables import archive_tables
from erp.archive.writing import archive_write
from generation.models import Entry, GenerationJob, Variant
from tests.factories import JobFactory, OrganizationFactory, UserFactory, member
from tests.factories.archives import without_digest
from tests.factories.tables import files_import
from tests.world import world_make

pytestmark = pytest.mark.django_db


def archived(organization: Organization) -> str:
    return "".join(archive_write(organization=organization))


def read(text: str, code: str, *, replace: bool = False, make_users: bool = True) -> Organization:
    document = archive_document(data=text.encode(), file="a.json")
    return archive_read(document=document, file="a.json", code=code, replace=replace, make_users=make_users)


def without_its_end(text: str) -> str:
    """Without the digest, which is of the code, too."""
    return text.rpartition('"digest"')[0]


@pytest.fixture
def organization() -> Organization:
    """With data, a timetable in review, comments, a waiver and members."""
    found = world_make("in_review").organization
    files_import(found)
    lecture, tutorial = CourseOffering.objects.filter(organization=found).order_by("-pk")[:2]  # the part refers to a later row
    CourseOffering.objects.filter(pk=tutorial.pk).update(part_of=lecture, taught_with=lecture, chooses_instructor=True)
    group, year = (StudentGroup.objects.create(organization=found, code=code, size=20) for code in ("Y1-A", "Y1"))
    StudentGroup.objects.filter(pk=group.pk).update(parent=year)
    lecture.groups.set([group, year])
    Instructor.objects.filter(organization=found)[0].can_teach.add(lecture.course)
    member(found, "reviewer")
    return found


def test_the_archive_of_what_was_read_is_the_same_archive(organization: Organization) -> None:
    text = archived(organization)
    assert {name for name, table in json.loads(text)["tables"].items() if table["rows"]} > {
        "academics.enrolment",
        "academics.courseoffering_instructors",
        "academics.courseoffering_groups",
        "academics.instructor_can_teach",
        "academics.studentgroup",
        "generation.variant",
        "generation.entry",
        "generation.comment",
        "generation.waiver",
    }

    replaced = archived(read(text, organization.code, replace=True))
    User.objects.exclude(is_superuser=True).delete()
    Organization.objects.all().delete()
    elsewhere = archived(read(text, organization.code))

    assert replaced == text
    assert elsewhere == text
    assert not User.objects.first().has_usable_password()  # type: ignore[union-attr]


def test_the_demo_university_survives_the_way() -> None:
    demo_store(scale="small", code="demo", seed=1)
    text = archived(Organization.objects.get(code="demo"))

    copy = read(text, "copy")

    assert without_its_end(archived(copy)) == without_its_end(text).replace('"code":"demo"', '"code":"copy"', 1)
    assert Student.objects.filter(organization=copy).count() == 660


def test_an_archive_from_before_groups_cross_listed_courses_and_choices_is_read(organization: Organization) -> None:
    archive = json.loads(archived(organization))
    tables = archive["tables"]
    for name in ("studentgroup", "courseoffering_groups", "section_groups", "instructor_can_teach"):
        del tables[f"academics.{name}"]
    offerings = tables["academics.courseoffering"]
    kept = [n for n, column in enumerate(offerings["columns"]) if column not in ("taught_with_id", "chooses_instructor")]
    assert len(offerings["columns"]) - len(kept) == 2
    offerings["columns"] = [offerings["columns"][n] for n in kept]
    offerings["rows"] = [[row[n] for n in kept] for row in offerings["rows"]]

    copy = read(without_digest(archive), "copy")

    assert copy.studentgroup_set.count() == 0
    assert (
        CourseOffering.objects.filter(organization=copy, taught_with=None, chooses_instructor=False).count() == len(offerings["rows"]) > 0
    )


def test_a_copy_beside_the_original_has_timetables_of_its_own(organization: Organization) -> None:
    copy = read(archived(organization), "copy")

    for model, path in ((Variant, "job__organization"), (Entry, "variant__job__organization")):
        there, here = (model._default_manager.filter(**{path: each}).count() for each in (copy, organization))
        assert there == here > 0


def test_runs_at_work_are_not_archived(organization: Organization) -> None:
    before = archived(organization)

    JobFactory(organization=organization, term=None, status=GenerationJob.Status.RUNNING)

    assert archived(organization) == before


def test_data_are_replaced_only_where_that_is_said(organization: Organization) -> None:
    text = archived(organization)

    with pytest.raises(ArchiveRefusal, match="has data already"):
        read(text, organization.code)
    JobFactory(organization=organization, term=None, status=GenerationJob.Status.RUNNING)
    with pytest.raises(ArchiveRefusal, match="has a run at work"):
        read(text, organization.code, replace=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda archive: archive.pop("tables"), '"tables": there has to be a JSON object'),
        (lambda archive: archive.update(version=99), "the archive's version is 99"),
        (lambda archive: archive["tables"].update(**{"auth.user": {}}), "the table 'auth.user', which is not known here"),
        (lambda archive: archive["tables"]["academics.room"]["rows"][0].pop(), "academics.room, row 1: "),
        (lambda archive: _put(archive, "academics.room", "capacity", "many"), "column capacity: 'many' is not allowed"),
        (lambda archive: _put(archive, "academics.room", "capacity", -5), "column capacity: -5 is not allowed"),
        (lambda archive: _put(archive, "academics.room", "name", "a\0b"), "characters that are no text"),
        (lambda archive: _put(archive, "academics.room", "building_id", 99), "there is no row 99 in academics.building"),
        (lambda archive: _put(archive, "academics.enrolment", "student_id", [1]), "there is no row \\[1\\] in academics.student"),
        (
            lambda archive: archive["tables"]["academics.course"]["rows"].append(archive["tables"]["academics.course"]["rows"][0]),
            "contradict",
        ),
        (lambda archive: archive["organization"].update(weights={"compactness": "x"}), "'x' is not a whole number"),
        (lambda archive: archive["members"].append({"username": "x", "role": "king"}), '"members", row'),
    ],
)
def test_a_wrong_archive_is_refused_by_table_row_and_column(organization: Organization, change: Any, words: str) -> None:
    archive = json.loads(archived(organization))
    change(archive)

    with pytest.raises(ArchiveRefusal, match=words):
        read(without_digest(archive), "copy")

    assert not Organization.objects.filter(code="copy").exists()


def _put(archive: Any, table: str, column: str, value: Any) -> None:
    content = archive["tables"][table]
    content["rows"][0][content["columns"].index(column)] = value


def test_secrets_stay_here() -> None:
    assert not {"generation.feed", "auth.user"} & set(archive_tables())
    columns = {f"{table.name}.{column.name}" for table in archive_tables().values() for column in table.columns}
    assert not [name for name in columns if any(word in name for word in ("password", "secret", "token", "checkpoint"))]


def test_the_commands_write_and_read(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "a.json"

    call_command("export_archive", str(path), "--organization", organization.code)
    call_command("import_data", str(path), "--organization", "copy")

    assert CourseOffering.objects.filter(organization__code="copy").exists()
    with pytest.raises(CommandError, match="has data already") as refusal:
        call_command("import_data", str(path), "--organization", "copy")
    assert refusal.value.returncode == 2
    with pytest.raises(CommandError, match="there is no 'nowhere'"):
        call_command("export_archive", str(path), "--organization", "nowhere")


def test_rest_gives_and_takes_archives(organization: Organization) -> None:
    admin = Client()
    admin.force_login(member(organization, "admin"))
    answer = admin.get("/api/archive/")
    assert answer.headers["Content-Encoding"] == "identity", "a browser reads only the first of several packed pieces"
    text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    assert text == archived(organization)

    def post(client: Client, content: str, **fields: Any) -> Any:
        return client.post("/api/archive/", {"file": SimpleUploadedFile("a.json", content.encode()), **fields})

    assert post(admin, text).status_code == 409
    assert post(admin, text, replace="true").status_code == 201
    assert post(admin, text, organization="brand-new").status_code == 403
    assert post(admin, "[]").status_code == 400
    assert post(admin, text, organization="no slug!").status_code == 400
    stranger = Client()
    stranger.force_login(member(OrganizationFactory(), "admin"))
    assert stranger.get(f"/api/archive/?organization={organization.code}").status_code == 404
    assert post(stranger, text, replace="true").status_code == 404
    root = APIClient()
    root.force_authenticate(UserFactory(is_superuser=True))
    made = root.post(
        "/api/archive/", {"file": SimpleUploadedFile("a.json", text.encode()), "organization": "brand-new"}, format="multipart"
    )
    assert (made.status_code, made.data["organization"]) == (201, "brand-new")
