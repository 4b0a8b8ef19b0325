"""Files of text in whatever encoding: read rightly, or asked; never names that are other names in silence."""

from __future__ import annotations

import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from academics.importing.encodings import encoding_detect, encoding_named
from academics.importing.messages import EncodingUnclear, UnreadableFile
from academics.importing.tables import tables_read
from academics.models import Department, ImportBatch, Organization
from tests.factories import OrganizationFactory, member
from tests.factories.tables import files_import

CLEAR = {
    "cp1250": ("Łódź – Żółta Gęś", "Wrocław Świętokrzyska"),
    "iso8859_2": ("Łódź Świętokrzyska", "Wydział Inżynierii"),
    "cp1251": ("Математика", "Физика"),
    "koi8_r": ("Кафедра истории", "Химия"),
    "cp866": ("Кафедра истории", "Химия"),
    "cp1253": ("Τμήμα Ιατρικής", "Σχολή Καλών Τεχνών"),
    "cp1254": ("Kılıçdağı Işıklı", "Eğitim Bilimleri Bölümü"),
    "cp1255": ("החוג לספרות", "מדעי החיים"),
    "cp1256": ("قسم اللغة العربية", "كلية الطب"),
    "cp874": ("คณะนิติศาสตร์", "ภาควิชาดนตรี"),
    "gb18030": ("数学系", "物理系"),
    "big5hkscs": ("數學系", "應用物理系"),
    "cp932": ("フレッシュマン・セミナー", "文学部 英語"),
    "cp949": ("국어국문학과", "물리학과"),
    "mac_roman": ("Edifício Logística", "Laboratório de Electrónica"),
    "cp1258": ("Khoa Luâ\u0323t", "Trươ\u0300ng Đa\u0323i ho\u0323c"),
    "iso8859_6": ("قسم اللغة العربية", "كلية الطب"),
    "iso8859_5": ("Кафедра истории", "Химия"),
    "euc_jp": ("フレッシュマン・セミナー", "文学部 英語"),
    "mac_latin2": ("Łódź Świętokrzyska", "Wydział Inżynierii"),
    "cp852": ("Łódź Świętokrzyska", "Wydział Inżynierii"),
    "cp1252": ("Müller, Jörg", "Café Noël"),
    "utf-16-le": ("Łódź", "数学系"),
    "utf-16-be": ("Кафедра", "Müller"),
    "utf-8": ("Łódź", "数学系"),
}
UNCLEAR = {"mac_roman": ("Øst",), "cp1254": ("Çağla",), "gb18030": ("王",), "koi8_r": ("МАТ",), "cp1250": ("Stănescu",)}


def table(names: tuple[str, ...], encoding: str) -> bytes:
    return ("Code;Name\n" + "".join(f"d{number};{name}\n" for number, name in enumerate(names))).encode(encoding)


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def api(organization: Organization) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    return client


@pytest.mark.parametrize("encoding", CLEAR)
def test_a_clear_encoding_is_found_by_its_words(encoding: str) -> None:
    (found,) = tables_read(file="departments.csv", data=table(CLEAR[encoding], encoding))

    assert [cells[1] for _, cells in found.rows] == [unicodedata.normalize("NFC", name) for name in CLEAR[encoding]]


@pytest.mark.parametrize("encoding", UNCLEAR)
def test_an_unclear_encoding_is_asked_with_the_right_reading_among_the_candidates(encoding: str) -> None:
    found = encoding_detect(file="departments.csv", data=table(UNCLEAR[encoding], encoding))

    assert found.encoding == ""
    assert UNCLEAR[encoding][0] in [each.sample for each in found.candidates]


def test_every_name_alone_is_read_rightly_or_asked() -> None:
    """The worst is another name in silence."""
    wrong = []
    for encoding, names in CLEAR.items():
        for name in (word for each in names for word in each.split()):
            data = table((name,), encoding)
            found = encoding_detect(file="departments.csv", data=data) if not data.isascii() else None
            if found and found.encoding and name not in data.decode(found.encoding):
                wrong.append((name, encoding, found.encoding))

    assert wrong == []


@pytest.mark.parametrize("name", ["Genève", "Łódź", "Физика", "数学系", "Tiếng Việt", "“Aula”"])
def test_what_was_saved_twice_is_asked_and_read_as_it_was(name: str) -> None:
    twice = "".join(chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in name.encode())
    data = table((twice, "Zürich"), "utf-8")

    with pytest.raises(EncodingUnclear) as refused:
        tables_read(file="departments.csv", data=data)
    (found,) = tables_read(file="departments.csv", data=data, encoding="utf-8-twice")

    assert [each["encoding"] for each in refused.value.candidates] == ["utf-8-twice", "utf-8"]
    assert [cells[1] for _, cells in found.rows] == [name, "Zürich"]


@pytest.mark.parametrize("name", ["SÃO PAULO", "Árvíztűrő", "Âge", "Ünal – Ößt", "Straße…", "Đặng"])
def test_names_that_merely_hold_such_letters_are_read_at_once(name: str) -> None:
    assert encoding_detect(file="departments.csv", data=table((name,), "utf-8")).encoding == "utf-8"


@pytest.mark.django_db
def test_lost_letters_are_problems_and_question_marks_are_said(organization: Organization) -> None:
    Department.objects.create(organization=organization, code="d0", name="Genève")

    refused = files_import(organization, {"departments.csv": table(("Gen\ufffdve", "Zürich"), "utf-8")})
    taken = files_import(organization, {"departments.csv": table(("Genève", "Z?rich", "Who?"), "utf-8")})

    assert [(each["row"], each["column"], each["message"][:16]) for each in refused.problems] == [(2, "Name", "Letters were los")]
    assert Department.objects.get(code="d0").name == "Genève"
    assert [each["message"] for each in taken.warnings] == [
        "Question marks stand where letters may have been lost when the file was saved, in 1 cell: Z?rich (row 3)."
    ]


def test_one_long_word_costs_little() -> None:
    data = b"Code;Name\n" + b"a" * 1_000_000 + b"\n" + b"\xe9" * 1_000_000

    with pytest.raises(UnreadableFile):
        tables_read(file="departments.csv", data=data + b"\x81\x8d\xff\x00\x00\x00")
    encoding_detect(file="departments.csv", data=data)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Windows-1250", "cp1250"),
        ("latin1", "cp1252"),
        ("GBK", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("EUC-KR", "cp949"),
        ("latin2", "iso8859_2"),
    ],
)
def test_usual_names_of_encodings_are_understood(given: str, name: str) -> None:
    assert encoding_named(given) == name


@pytest.mark.django_db
def test_rest_refuses_an_unclear_encoding_with_its_candidates_and_takes_the_answer(api: APIClient) -> None:
    def sent(**fields: Any) -> Any:
        file = SimpleUploadedFile("departments.csv", table(("Çağla",), "cp1254"))
        return api.post("/api/import/", {"files": [file], **fields}, format="multipart")

    refused = sent()

    assert refused.status_code == 400
    assert "cp1254 (Turkish (Windows-1254)): Çağla" in refused.data["encoding"][0]
    assert {"encoding": "cp1254", "sample": "Çağla"}.items() <= refused.json()["candidates"][0].items()
    assert not ImportBatch.objects.exists()
    assert sent(encoding="klingon").status_code == 400
    assert sent(encoding="windows-1254").status_code == 201
    assert Department.objects.get().name == "Çağla"
    assert (
        sent(mapping=json.dumps({"departments.csv": {"encoding": "cp1252"}}), dry_run="true").data["counts"]["departments"]["changed"] == 1
    )


@pytest.mark.django_db
def test_the_command_refuses_and_takes_an_encoding(tmp_path: Path, organization: Organization) -> None:
    file = tmp_path / "departments.csv"
    file.write_bytes(table(("Çağla",), "cp1254"))

    with pytest.raises(CommandError, match="Çağla"):
        call_command("import_data", str(file), organization=organization.code)
    call_command("import_data", str(file), "--encoding", "cp1254", organization=organization.code, stdout=io.StringIO())

    assert Department.objects.get().name == "Çağla"


@pytest.mark.django_db
def test_the_page_shows_the_readings_and_does_not_check_before_one_is_chosen(organization: Organization, client: Client) -> None:
    client.force_login(member(organization, "admin"))
    file = SimpleUploadedFile("departments.csv", table(("Çağla",), "cp1254"))
    page = client.post("/admin/import/", {"files": [file]}, follow=True)
    form = {"kind-0": "departments", "was-0": "departments", "headings-0": "1", "were-0": "1", "column-0-0": "code", "column-0-1": "name"}

    assert "Turkish (Windows-1254): Çağla" in page.content.decode()
    address = page.redirect_chain[-1][0]
    unanswered = client.post(address, {**form, "encoding-0": "", "encoded-0": "", "action": "check"}, follow=True)
    assert "Choose the reading in which the names are right" in unanswered.content.decode()
    client.post(address, {**form, "encoding-0": "cp1254", "encoded-0": "", "action": "look"})
    client.post(address, {**form, "encoding-0": "cp1254", "encoded-0": "cp1254", "action": "check"})
    client.post(address, {"action": "import"})

    assert Department.objects.get().name == "Çağla"


@pytest.mark.django_db
def test_an_import_writes_the_names_as_they_were_saved(organization: Organization) -> None:
    data = "Code;Name\nMAT;Математика\n".encode("cp1251")

    files_import(organization, {"departments.csv": data})

    assert Department.objects.get().name == "Математика"
