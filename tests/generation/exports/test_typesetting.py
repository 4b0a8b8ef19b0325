"""Names on paper in every script, read back by another program than the one that wrote them (poppler's pdftotext)."""

import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from generation.exports import book_pdf, grid_pdf
from generation.exports.document import Document
from generation.exports.grid_pdf import week_heading
from generation.exports.typesetting import BASE, Paper, Run, font_of, in_sight_order, printable, runs_of
from generation.text.display_names import RoomName
from generation.timetable.lectures import Lecture
from generation.timetable.when import Clock

PDFTOTEXT = shutil.which("pdftotext")
reads_pdf = pytest.mark.skipif(PDFTOTEXT is None, reason="pdftotext is not installed (Debian's poppler-utils)")
NAMES = {
    "Latin": ("Łódź Żółć", "Algèbre linéaire naïve"),
    "Greek": ("Γεώργιος Παπαδόπουλος", "Γραμμική άλγεβρα"),
    "Cyrillic": ("Анна Петрова", "Линейная алгебра"),
    "Arabic": ("محمد عبد الله", "مقدمة في علوم الحاسوب"),
    "Hebrew": ("יוסף כהן", "מבוא למדעי המחשב"),
    "Devanagari": ("श्री राजेन्द्र प्रसाद", "विद्युत क्षेत्र का परिचय"),
    "Thai": ("สมชาย ใจดี", "คณิตศาสตร์ที่ปรึกษา"),
    "Chinese": ("王小明", "线性代数导论"),
    "Japanese": ("山田 太郎", "線形代数入門コース"),
    "Korean": ("김철수", "선형대수학 개론"),
}


def document_of(names: dict[str, tuple[str, str]] = NAMES) -> Document:
    """Two periods for each: by code the name of who teaches, and the course's title."""
    lectures = [
        Lecture(number, f"C{number}", title, f"S{number}", (code,), (), (), 20, "R1", number % 5, number // 5 * 2, 2, False)
        for number, (code, (_, title)) in enumerate(names.items())
    ]
    return Document(
        organization="u",
        organization_name="جامعة",
        time_zone="Europe/Warsaw",
        source={},
        term="T",
        term_name="学期",
        starts_on=None,
        ends_on=None,
        num_days=5,
        breaks=(),
        names={code: name for code, (name, _) in names.items()},
        curriculum_names={},
        clocks=tuple(Clock(period, f"{8 + period:02d}:00", f"{8 + period:02d}:50") for period in range(8)),
        job_id="j",
        variant_id="v",
        label="",
        seed=0,
        hard=0,
        soft=0,
        breakdown={},
        weights={},
        statistics={},
        certificate={},
        conflicts=None,
        lectures=tuple(lectures),
        ordinals={lecture.number: 1 for lecture in lectures},
        by="room",
        key="",
    )


def text_of(content: bytes, tmp_path: Path) -> str:
    """Without the marks of direction that pdftotext puts around what runs from right to left."""
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    found = subprocess.run([str(PDFTOTEXT), "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return unicodedata.normalize("NFC", "".join(letter for letter in found if unicodedata.category(letter) != "Cf"))


def fonts_in(content: bytes) -> set[str]:
    return {line.split(b"+")[1].decode() for line in content.split(b"\n") if line.startswith(b"/BaseFont")}


@reads_pdf
def test_a_grid_has_every_name_of_every_script(tmp_path: Path) -> None:
    text = text_of(grid_pdf.render(document_of()), tmp_path)

    lacking = [(script, word) for script, words in NAMES.items() for word in words if word not in text]
    assert lacking == []


@reads_pdf
def test_a_book_has_every_name_in_its_contents_and_on_its_page(tmp_path: Path) -> None:
    content = book_pdf.render(document_of(), "instructors", lambda done, total: None)
    text = text_of(content, tmp_path)

    assert {name: text.count(name) for name, _ in NAMES.values()} == {name: 2 for name, _ in NAMES.values()}
    assert len(content) < 200_000, "fonts are cut down to the letters that are printed"


@reads_pdf
def test_rooms_are_named_in_cells_as_far_as_these_are_wide_and_in_headings(tmp_path: Path) -> None:
    room = RoomName("R1", "Kowalski memorial lecture theatre", "School of Engineering", "ENG")
    wide = replace(document_of({"I1": ("Lee", "Optics")}), rooms={"R1": room})
    (one,) = wide.lectures
    crowded = replace(wide, lectures=tuple(one._replace(number=number, section=f"S{number}", curricula=("Q",)) for number in range(5)))

    assert "R1, School of Engineering" in text_of(grid_pdf.render(replace(wide, by="section")), tmp_path)
    assert text_of(grid_pdf.render(replace(crowded, by="curriculum")), tmp_path).count("R1") == 5, "the code is never cut"
    heading = " ".join(text_of(grid_pdf.render(replace(wide, by="room")), tmp_path).split())
    assert "Room R1 Kowalski memorial lecture theatre, School of Engineering" in heading


def test_every_letter_of_a_script_has_a_font_of_that_script() -> None:
    fonts = {script: {font_of(letter) for letter in "".join(words) if not letter.isspace()} for script, words in NAMES.items()}

    assert fonts == {
        "Latin": {BASE},
        "Greek": {BASE},
        "Cyrillic": {BASE},
        "Arabic": {"NotoSansArabic"},
        "Hebrew": {"NotoSansHebrew"},
        "Devanagari": {"NotoSansDevanagari"},
        "Thai": {"NotoSansThai"},
        "Chinese": {"NotoSansCJK"},
        "Japanese": {"NotoSansCJK"},
        "Korean": {"NotoSansCJK"},
    }


def drawn_glyphs(text: str, font: str) -> list[str]:
    pdf = Paper("")
    pdf.add_page()
    pdf.text_line(0, 0, 200, text, size=10)
    pdf.content()
    return [
        glyph.glyph_name for glyph, _ in pdf.fonts[font.lower()].subset.items() if glyph is not None and glyph.unicode not in ((0,), (32,))
    ]


def test_arabic_letters_are_joined_and_devanagari_ones_form_conjuncts() -> None:
    arabic, devanagari = drawn_glyphs("جامعة", "NotoSansArabic"), drawn_glyphs("क्षि", "NotoSansDevanagari")

    assert sum(name.endswith((".init", ".medi", ".fina")) for name in arabic) == 5
    assert len(devanagari) == 2, "the vowel, and one glyph for three signs"


def test_what_runs_from_right_to_left_is_seen_so() -> None:
    seen = in_sight_order(runs_of("CS 101 אב 22 גד end"))

    assert [(run.text.strip(), run.is_rtl) for run in seen if run.text.strip()] == [
        ("CS 101", False),
        ("גד", True),
        ("22", False),
        ("אב", True),
        ("end", False),
    ]


def test_runs_of_one_direction_stay_in_order() -> None:
    runs = [Run("a", "F", 0), Run("b", "G", 0)]
    assert in_sight_order(runs) == runs
    assert in_sight_order([Run("a", "F", 1), Run("b", "G", 1)]) == [Run("b", "G", 1), Run("a", "F", 1)]


@reads_pdf
def test_a_letter_without_a_font_is_a_box_that_is_found_and_named(tmp_path: Path) -> None:
    document = document_of({"tib": ("Tenzin བོད", "Title"), "lat": ("Ann Lee", "Other")})

    with capture_logs() as logs:
        content = grid_pdf.render(replace(document, by="instructor"))
    pages = text_of(content, tmp_path).split("\f")

    assert "Tenzin བོད" in pages[1]
    assert "Printed as boxes" in pages[1]
    assert "U+0F51" in pages[1]
    assert "boxes" not in pages[0]
    assert [(entry["event"], entry["count"]) for entry in logs] == [("letters_without_font", 3)]


@reads_pdf
def test_what_is_too_long_is_cut_at_its_end_in_reading_order(tmp_path: Path) -> None:
    pdf = Paper("")
    pdf.add_page()
    for number, text in enumerate(["مقدمة في علوم الحاسوب " * 3, "Introduction " * 9, "विद्युत क्षेत्र " * 9]):
        pdf.text_line(10, 10 + 10 * number, 40, text, size=10)
    text = text_of(pdf.content(), tmp_path)

    assert all(start in text for start in ("مقدمة في علوم", "Introduction Intro", "विद्युत क्षेत्र"))
    assert text.count("…") == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\u202eb\n c", "ab c"), ("e\u0301", "é"), ("❤\ufe0f", "❤"), ("ن\u200cم", "ن\u200cم"), ("\ud800x", "\ufffdx")],
)
def test_marks_that_show_nothing_are_not_printed(text: str, line: str) -> None:
    assert printable(text) == line


@pytest.mark.parametrize(
    ("code", "name", "heading"),
    [
        ("ada lovelace", "Ada Lovelace", "Ada Lovelace"),
        ("Lovelace, Ada", "Ada Lovelace", "Ada Lovelace"),
        ("LOVELACE", "Ada Lovelace", "Ada Lovelace"),
        ("al17", "Ada Lovelace", "al17  Ada Lovelace"),
        ("★", "Ada Lovelace", "★  Ada Lovelace"),
        ("al17", "", "al17"),
    ],
)
def test_a_name_stands_once_in_a_heading(code: str, name: str, heading: str) -> None:
    assert week_heading(document_of({code: (name, "T")}), "instructor", code, []) == heading


def test_a_section_keeps_its_code_in_a_heading() -> None:
    document = document_of({"x": ("X", "Calculus 1")})
    (lecture,) = document.lectures
    assert week_heading(document, "section", "1", [lecture]) == "1  Calculus 1"


def test_each_country_has_its_own_drawing_of_chinese_letters() -> None:
    def face(zone: str, sample: Iterable[str]) -> str:
        pdf = Paper("", zone, sample)
        pdf.add_page()
        pdf.text_line(0, 0, 100, "直", size=10)
        pdf.content()
        return str(pdf.fonts["notosanscjk"].name)

    faces = [face("Asia/Tokyo", []), face("Asia/Taipei", []), face("Europe/Warsaw", ["かな"]), face("Asia/Shanghai", ["直"])]
    assert faces == ["NotoSansCJKJP", "NotoSansCJKTC", "NotoSansCJKJP", "NotoSansCJKSC"]


def test_the_same_names_are_the_same_file() -> None:
    few = {script: NAMES[script] for script in ("Arabic", "Devanagari", "Thai")}
    assert grid_pdf.render(document_of(few)) == grid_pdf.render(document_of(few))
    assert {"NotoSansArabic", "NotoSansDevanagari", "NotoSansThai"} <= fonts_in(grid_pdf.render(document_of(few)))
