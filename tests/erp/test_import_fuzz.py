"""Every importer against what nobody should send: an answer in words, no traceback, and nothing half-written."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academics.importing import batches
from academics.importing.messages import ImportRefusal
from academics.importing.snapshots import digests_read
from academics.models import ImportBatch, Organization
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.writing import archive_write
from tests.factories import OrganizationFactory
from tests.factories.archives import without_digest
from tests.factories.tables import TABLES, files_import, import_run, workbook

pytestmark = pytest.mark.django_db
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TINY = Path(__file__).parent.parent / "data" / "tiny.ctt"
NASTY = st.sampled_from(
    [
        "",
        " ",
        "'",
        '"',
        "=1+1",
        "-1",
        "1e999",
        "NaN",
        "9" * 40,
        "x" * 400,
        "\x07",
        "\u2028",
        "\ud83d\ude00",
        "#REF!",
        "0",
        "R1",
        "s1",
        ";;;",
        "1-",
        "-",
        "T1",
    ]
)


@pytest.fixture
def organization() -> Organization:
    found: Organization = OrganizationFactory()
    files_import(found)
    return found


def tried(organization: Organization, files: dict[str, bytes]) -> ImportBatch | None:
    """Bring them in: a batch, or None where they were refused. What was refused has changed nothing."""
    before = digests_read(organization=organization)
    try:
        with transaction.atomic():
            batch: ImportBatch | None = files_import(organization, files)
    except ImportRefusal as refusal:
        batch, said = None, str(refusal)
    if batch is None:
        assert said
        assert digests_read(organization=organization) == before
    elif batch.status != ImportBatch.Status.IMPORTED:
        assert batch.num_problems >= len(batch.problems) > 0
        assert all(problem["row"] > 0 and problem["message"] and problem["allowed"] for problem in batch.problems)
        assert digests_read(organization=organization) == before
    return batch


def undone(organization: Organization, files: dict[str, bytes]) -> None:
    """Whatever came of it is taken back exactly."""
    before = digests_read(organization=organization)
    batch = tried(organization, files)
    if batch is not None and batch.status == ImportBatch.Status.IMPORTED and digests_read(organization=organization) != before:
        import_run(batch, "undo")
    assert digests_read(organization=organization) == before


@FEW
@given(data=st.data())
def test_tables_with_cells_cut_shuffled_and_replaced(organization: Organization, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLES)))
    lines = TABLES[name].splitlines()
    order = data.draw(st.permutations(lines[1:]))
    rows = [lines[0], *order, *data.draw(st.lists(st.sampled_from(lines), max_size=3))]
    for _ in range(data.draw(st.integers(0, 4))):
        index = data.draw(st.integers(0, len(rows) - 1))
        cells = rows[index].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(NASTY)
        rows[index] = ",".join(cells)
    text = "\n".join(rows).encode("utf-8", "replace")
    undone(organization, {name: text[: data.draw(st.integers(1, len(text)))]})


@FEW
@given(content=st.binary(min_size=1, max_size=300), name=st.sampled_from(["rooms.csv", "a.xlsx", "terms.txt"]))
def test_any_bytes_at_all(organization: Organization, content: bytes, name: str) -> None:
    undone(organization, {name: content})


@FEW
@given(text=st.text(max_size=200), kind=st.sampled_from(sorted(TABLES)))
def test_any_text_below_sound_headings(organization: Organization, text: str, kind: str) -> None:
    undone(organization, {kind: (TABLES[kind].splitlines()[0] + "\n" + text).encode("utf-8", "replace")})


BOOK = workbook({"Rooms": [["Code", "Capacity"], ["R8", 20], ["R9", 30]], "Departments": [["Code", "Name"], ["LAW", "Law"]]})


@FEW
@given(seed=st.integers(0, 2**32))
def test_damaged_workbooks(organization: Organization, seed: int) -> None:
    """Bytes flipped, cut and doubled in the file, and in the XML inside."""
    dealt = random.Random(seed)
    parts = zipfile.ZipFile(io.BytesIO(BOOK))
    if dealt.random() < 0.4:
        content = _damaged(BOOK, dealt)
    else:
        victim = dealt.choice(parts.namelist())
        content = _zipped({name: _damaged(parts.read(name), dealt) if name == victim else parts.read(name) for name in parts.namelist()})
    undone(organization, {"book.xlsx": content})


def _damaged(content: bytes, dealt: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dealt.randint(1, 6)):
        place = dealt.randrange(max(1, len(changed)))
        changed[place : place + dealt.choice([0, 1, 5, 50])] = dealt.choice(
            [b"", b"\0", b"<", b'r="99999999999"', b"&x;", bytes([dealt.randrange(256)])]
        )
    return bytes(changed)


def _zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    parts = zipfile.ZipFile(io.BytesIO(BOOK))
    return _zipped({name: change(parts.read(name)) if name.endswith("sheet1.xml") else parts.read(name) for name in parts.namelist()})


ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_with_sheet(lambda xml: ENTITY + xml), "declares entities"),
        (_with_sheet(lambda xml: LAUGHS + xml), "declares entities"),
        (_with_sheet(lambda xml: b"<!--" + b" " * 5000 + b"-->" + ENTITY + xml[xml.index(b"<worksheet") :]), "declares entities"),
        (_with_sheet(lambda xml: xml + b" " * (700 * 2**20 // 50)), "too tightly"),
        (_with_sheet(lambda xml: xml.replace(b"</sheetData>", b"")), "can't be read"),
        (b"PK\x03\x04" + b"x" * 100, "can't be read"),
        (BOOK[: len(BOOK) // 2], "can't be read"),
    ],
    ids=[
        "external entity",
        "entities in entities",
        "entity behind a comment",
        "bomb",
        "cut XML",
        "no zip",
        "cut zip",
    ],
)
def test_hostile_workbooks_are_refused_with_words(organization: Organization, content: bytes, words: str, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 10_000

    with pytest.raises(ImportRefusal, match=words):
        files_import(organization, {"book.xlsx": content})


def test_a_row_far_below_the_others_ends_the_table(organization: Organization) -> None:
    content = _with_sheet(lambda xml: xml.replace(b'<row r="2"', b'<row r="2000000000"'))

    assert [problem["message"] for problem in files_import(organization, {"book.xlsx": content}).problems] == [
        "There are headings, but no rows below them."
    ]


def test_what_is_larger_than_the_limit_is_refused_unread(organization: Organization, settings: Any) -> None:
    settings.IMPORT_MAX_MB = 1

    with pytest.raises(ImportRefusal, match="larger than 1 MB"):
        batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"x" * (2**20 + 1))])


@FEW
@given(seed=st.integers(0, 2**32))
def test_damaged_archives(organization: Organization, seed: int) -> None:
    dealt = random.Random(seed)
    archive = json.loads("".join(archive_write(organization=organization)))
    for _ in range(dealt.randint(1, 3)):
        _break(archive, dealt)
    text = without_digest(archive).encode()
    text = text if dealt.random() < 0.8 else text[: dealt.randrange(len(text))]
    before, said = Organization.objects.count(), None
    try:
        document = archive_document(data=text, file="a.json")
        archive_read(document=document, file="a.json", code="copy", replace=False, make_users=False)
    except ArchiveRefusal as refusal:
        said = str(refusal)
    assert said != ""
    assert Organization.objects.count() == before + (said is None)
    Organization.objects.filter(code="copy").delete()


def _break(node: Any, dealt: random.Random) -> None:
    """Replace, drop or double something, somewhere."""
    while isinstance(node, dict | list) and node:
        key = dealt.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if dealt.random() < 0.3 or not isinstance(node[key], dict | list) or not node[key]:
            action = dealt.randrange(3)
            if action == 0:
                del node[key]
            elif action == 1 and isinstance(node, list):
                node.insert(key, node[key])
            else:
                node[key] = dealt.choice([None, -1, 10**30, 1.5, "x" * 300, "\0", "\ud800", [], {}, True, "2026-13-45", float("nan")])
            return
        node = node[key]


@FEW
@given(seed=st.integers(0, 2**32))
def test_damaged_ctt_files(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.ctt"
    path.write_bytes(_damaged(TINY.read_bytes(), random.Random(seed)))
    refusal = None
    try:
        with transaction.atomic():
            call_command("import_data", str(path), "--organization", "udine")
    except CommandError as error:
        refusal = error
    assert refusal is None or (refusal.returncode, str(refusal).count("\n")) == (2, 0)
    assert Organization.objects.filter(code="udine").exists() is (refusal is None)
    Organization.objects.filter(code="udine").delete()
