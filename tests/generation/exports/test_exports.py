"""Each format, read back by another reader than the one that wrote it."""

import csv
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client
from icalendar import Calendar
from rest_framework.test import APIClient

from academics.models import Building, Room, Term
from generation import exports
from generation.exports import ExportFile, ExportRefused, export_file
from generation.formats import fet
from generation.models import Variant, Workflow
from tests.clients import text_of
from tests.factories import EntryFactory, VariantFactory, member, review_job
from tests.factories.editing import editable_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_rendered_yet(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.CACHES = settings.CACHES | {"exports": settings.CACHES["exports"] | {"LOCATION": tmp_path / "exports"}}


def csv_rows(file: ExportFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))


def test_csv_has_a_row_a_lecture_with_clock_times() -> None:
    rows = csv_rows(export_file(review_job().variants.first(), kind="csv"))
    assert len(rows) == 4
    lab = rows[1]
    assert [lab[name] for name in ("Course", "Instructors", "Day", "Period", "Starts", "Ends")] == [
        "BIO",
        "Łódź",
        "Tuesday",
        "2",
        "09:00",
        "10:50",
    ]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(title: str) -> None:
    variant = EntryFactory(title=title).variant
    assert csv_rows(export_file(variant, kind="csv"))[0]["Title"] == f"'{title}"
    book = zipfile.ZipFile(io.BytesIO(export_file(variant, kind="xlsx").content))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_xlsx_holds_lectures_and_penalties() -> None:
    book = zipfile.ZipFile(io.BytesIO(export_file(review_job().variants.first(), kind="xlsx").content))
    assert book.testzip() is None
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheets = [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2)]
    assert [len(sheet.findall(f".//{space}row")) for sheet in sheets] == [5, 3]
    assert any(text.text == "Łódź" for sheet in sheets for text in sheet.iter(f"{space}t"))


def test_names_that_files_cannot_hold_do_no_harm() -> None:
    variant = EntryFactory(title="a\x01b\x0bc", section="x" * 80, instructors=["漢字", "🎓", "\u202eabc"]).variant
    for kind in ("csv", "xlsx", "ics", "pdf", "json"):
        assert export_file(variant, kind=kind).content


def test_calendar_repeats_each_lecture_weekly_in_local_time() -> None:
    calendar = Calendar.from_ical(export_file(review_job().variants.first(), kind="ics").content)
    lab = next(event for event in calendar.walk("VEVENT") if event["SUMMARY"] == "BIO Biology lab")
    zone = ZoneInfo("Europe/Warsaw")
    assert lab.decoded("DTSTART") == datetime(2026, 10, 6, 9, tzinfo=zone)
    assert lab.decoded("DTEND") == datetime(2026, 10, 6, 10, 50, tzinfo=zone)
    assert lab["RRULE"]["FREQ"] == ["WEEKLY"]
    assert lab["RRULE"]["UNTIL"][0].date().isoformat() == "2027-01-29"
    assert lab["LOCATION"] == "LAB"
    assert {zone["TZID"] for zone in calendar.walk("VTIMEZONE")} == {"Europe/Warsaw"}


def test_calendar_moves_an_event_and_does_not_double_it() -> None:
    uids = [
        {str(event["UID"]) for event in Calendar.from_ical(export_file(variant, kind="ics").content).walk("VEVENT")}
        for variant in review_job(num_variants=2).variants.all()
    ]
    assert uids[0] == uids[1]
    assert len(uids[0]) == 4


def test_narrowed_calendar_has_the_same_events() -> None:
    variant = review_job().variants.first()
    EntryFactory(variant=variant, lecture=9, section="ALG-1", instructors=["Zielinski"], day=3)
    whole = Calendar.from_ical(export_file(variant, kind="ics").content)
    own = Calendar.from_ical(export_file(variant, kind="ics", by="instructor", key="Zielinski").content)
    (event,) = own.walk("VEVENT")
    (same,) = [other for other in whole.walk("VEVENT") if other["UID"] == event["UID"]]
    assert same.decoded("DTSTART") == event.decoded("DTSTART")


def test_calendar_without_dates_is_refused_and_says_what_is_missing() -> None:
    job = review_job()
    job.term.starts_on = job.term.ends_on = None
    job.term.save()
    with pytest.raises(ExportRefused, match="its first day and its last day"):
        export_file(job.variants.first(), kind="ics")


@pytest.mark.parametrize(("by", "pages"), [(None, 4), ("section", 4), ("room", 3), ("instructor", 3), ("curriculum", 2)])
def test_pdf_has_a_page_for_each(by: str | None, pages: int) -> None:
    content = export_file(review_job().variants.first(), kind="pdf", by=by).content
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Type /Page\n") == pages


def test_json_holds_everything() -> None:
    found = json.loads(export_file(review_job().variants.first(), kind="json").content)
    assert len(found["lectures"]) == 4
    assert sum(row["amount"] for row in found["conflicts"]) == found["hard"] + found["soft"]


def test_ctt_is_a_line_a_lecture_for_imported_organizations_only() -> None:
    job = review_job()
    variant = job.variants.first()
    with pytest.raises(ExportRefused, match=job.organization.name):
        export_file(variant, kind="ctt")
    job.organization.source = {"format": "ctt"}
    job.organization.save()
    lines = export_file(Variant.objects.get(pk=variant.pk), kind="ctt").content.decode().splitlines()
    assert lines[:2] == ["ALG R1 0 0", "BIO LAB 1 1"]


def test_same_content_is_rendered_once_and_a_change_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    renderer = exports.RENDERERS["csv"]
    monkeypatch.setitem(
        exports.RENDERERS, "csv", exports.Renderer("text/csv", lambda document: calls.append(1) or renderer.render(document))
    )
    variant = review_job().variants.first()
    first, again = (export_file(variant, kind="csv") for _ in range(2))
    assert (first, len(calls)) == (again, 1)
    assert caches["exports"].get(first.content_hash) == first.content
    variant.entries.filter(course="ALG").update(room="R9")
    assert b"R9" in export_file(variant, kind="csv").content
    assert len(calls) == 2


def test_same_timetable_is_the_same_file_byte_for_byte() -> None:
    variant = review_job().variants.first()
    for kind in ("csv", "ics", "pdf", "json"):
        first = export_file(variant, kind=kind).content
        caches["exports"].clear()
        assert export_file(variant, kind=kind).content == first


def test_file_is_named_after_job_and_label() -> None:
    variant = VariantFactory(label="Student-friendly / Łódź")
    name = export_file(variant, kind="csv").name
    assert str(variant.job_id)[:8] in name
    assert "student-friendly" in name
    assert name.isascii()


@pytest.mark.parametrize(
    ("query", "status"), [("as=csv", 200), ("as=doc", 400), ("", 400), ("as=pdf&by=moon", 400), ("as=csv&key=R1", 400), ("as=ctt", 409)]
)
def test_export_over_rest(query: str, status: int) -> None:
    job = review_job()
    client = APIClient()
    client.force_authenticate(member(job.organization, "reviewer"))
    response = client.get(f"/api/timetable/variants/{job.variants.first().pk}/export/?{query}")
    assert response.status_code == status
    if status == 200:
        assert response.headers["Content-Disposition"].startswith('attachment; filename="')
        again = client.get(response.request["PATH_INFO"] + f"?{query}", HTTP_IF_NONE_MATCH=response.headers["ETag"])
        assert again.status_code == 304


def test_a_file_of_fet_has_every_lecture_locked_and_the_page_before_it_says_what_it_lacks(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant = editable_variant()
    Workflow.objects.filter(job=variant.job).update(variant=variant, status="published")
    organization = variant.job.organization
    file = f"/api/timetable/variants/{variant.pk}/export/"
    page = f"/admin/timetables/{variant.job_id}/fet"
    client.force_login(member(organization, "reviewer"))

    assert f"{page}?variant={variant.pk}" in text_of(client.get(f"/admin/timetables/{variant.job_id}/review"))
    shown = text_of(client.get(page, {"variant": variant.pk}))
    assert "instructor whose days should have few gaps" in shown
    assert f"{file}?as=fet" in shown
    assert client.get(page, {"variant": "x"}).status_code == 404
    listed = client.get(file, {"as": "fet-left-out"}).json()
    assert listed["left_out"]["instructor whose days should have few gaps"] == 2
    written = client.get(file, {"as": "fet"})
    assert written.headers["Content-Disposition"].endswith('.fet"')
    read = fet.to_problem(fet.parse(written.content.decode()))
    assert [(int(read.lecture_pin_slot[n]), read.names.courses[n]) for n in range(3)] == [(0, "C0"), (4, "C1"), (0, "C2")]
    assert client.get(file, {"as": "fet", "by": "room", "key": "R0"}).status_code == 409

    client.force_login(member(organization, "viewer"))
    assert client.get(file, {"as": "csv"}).status_code == 200
    assert client.get(file, {"as": "fet"}).status_code == 409
    assert client.get(page, {"variant": variant.pk}).status_code == 403

    command = ["export_fet", str(tmp_path / "term.fet"), "--organization", organization.code, "--term", variant.job.term.code]
    call_command(*command)
    assert "the published timetable, locked" in capsys.readouterr().out
    assert (tmp_path / "term.fet").read_bytes() == written.content
    call_command(*command, "--unlocked")
    assert "the data of today" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no institution with the code 'nowhere'"):
        call_command("export_fet", "x.fet", "--organization", "nowhere")


def test_line_ends_in_names_begin_no_line_of_the_calendar() -> None:
    job = review_job()
    Term.objects.filter(pk=job.term_id).update(name="Autumn\r\nATTENDEE:mailto:x")
    variant = Variant.objects.filter(job=job).first()
    variant.entries.update(title="Algebra\r\nEND:VEVENT\n\x01", room="A1\rX-EVIL:1")
    lines = export_file(variant, kind="ics").content.decode().split("\r\n")
    assert not [line for line in lines if line.startswith(("ATTENDEE", "X-EVIL"))]
    assert lines.count("END:VEVENT") == lines.count("BEGIN:VEVENT") == variant.entries.exclude(day=None).count()


def test_whom_the_variant_favours_is_not_told_to_readers_of_what_is_published() -> None:
    variant = VariantFactory(label="Instructors first")
    file = export_file(variant, kind="json", with_violations=False, is_inner=False)
    assert b"Instructors first" not in file.content
    assert "instructors-first" not in file.name


OLD_HEADINGS = "Course,Title,Section,Instructors,Curricula,Students,Room,Day,Period,Periods long,Starts,Ends,Taught by"


def test_files_name_the_room_and_its_building_and_tables_in_columns_of_their_own_at_the_end() -> None:
    variant = review_job(num_variants=1).variants.get()
    organization = variant.job.organization
    science = Building.objects.create(organization=organization, code="SC", name="Science building")
    Room.objects.create(organization=organization, code="R1", name="Physics hall", capacity=40, building=science)
    (algebra, *_), text = csv_rows(export_file(variant, kind="csv")), export_file(variant, kind="csv").content.decode("utf-8-sig")
    assert (algebra["Room"], algebra["Room name"], algebra["Building"]) == ("R1", "Physics hall", "Science building")
    assert text.startswith(OLD_HEADINGS + ",Room name,Building")
    calendar = Calendar.from_ical(export_file(variant, kind="ics").content)
    assert {str(event["SUMMARY"]): str(event["LOCATION"]) for event in calendar.walk("VEVENT")} == {
        "ALG Algebra": "Physics hall (R1), Science building",
        "BIO Biology lab": "LAB",
        "CHE Chemistry": "Physics hall (R1), Science building",
        "DRA Drama": "R2",
    }
    found = json.loads(export_file(variant, kind="json").content)
    assert found["rooms"] == {"R1": {"name": "Physics hall", "building": "Science building"}}
    assert found["lectures"][0]["room"] == "R1"
