"""Weekly grids on paper: an A4 page for each section, instructor, room or curriculum."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

from fpdf import FPDF

from academics.spreadsheets import CONTROL
from academics.week import DAY_NAMES
from generation import messages
from generation.exports.document import Document, ExportRefusedError, Lecture
from generation.grid import By, lanes_of
from generation.naming import reading_order

FONTS = Path(__file__).parent / "fonts"
FONT = "DejaVu"
MAX_PAGES = 600  # beyond it a file is no longer something that anybody prints

WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 10.0  # mm, A4 across
TOP, HEAD, CLOCK = 24.0, 7.0, 16.0


def render(document: Document) -> bytes:
    """A page a week. Refused beyond `MAX_PAGES`: then one ``key`` at a time."""
    by: By = document.by or "section"
    weeks = weeks_of(document, by)
    if len(weeks) > MAX_PAGES:
        raise ExportRefusedError(messages.too_many_pages(len(weeks), MAX_PAGES, by))
    pdf = paper(document)
    for key in sorted(weeks, key=reading_order) or [document.key]:
        week_page(pdf, document, by, key, weeks.get(key, []))
    return bytes(pdf.output())


def paper(document: Document) -> FPDF:
    pdf = FPDF(orientation="landscape", format="A4")
    # No clock here: the same timetable is the same file, byte for byte.
    pdf.set_creation_date(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    pdf.set_auto_page_break(False)
    pdf.set_title(_printable(document.title))
    pdf.set_creator("Timeloom")
    pdf.add_font(FONT, "", FONTS / "DejaVuSansCondensed.ttf")
    pdf.add_font(FONT, "B", FONTS / "DejaVuSansCondensed-Bold.ttf")
    pdf.set_line_width(0.15)
    return pdf


def weeks_of(document: Document, by: By) -> dict[str, list[Lecture]]:
    weeks: defaultdict[str, list[Lecture]] = defaultdict(list)
    for lecture in document.lectures:
        for key in _keys(lecture, by):
            if document.key in ("", key):
                weeks[key].append(lecture)
    return dict(weeks)


def _keys(lecture: Lecture, by: By) -> tuple[str, ...]:
    if by == "section":
        return (lecture.section,)
    if by == "room":
        return (lecture.room,) if lecture.room else ()
    return lecture.instructors if by == "instructor" else lecture.curricula


def week_page(pdf: FPDF, document: Document, by: By, key: str, lectures: list[Lecture]) -> None:
    pdf.add_page()
    placed = [lecture for lecture in lectures if lecture.is_placed]
    heading = week_heading(document, by, key, lectures)
    heading = heading if by in ("section", "instructor") else f"{by.capitalize()} {heading}"
    text_line(pdf, MARGIN, MARGIN, WIDTH - 2 * MARGIN, heading, size=14, bold=True)
    text_line(pdf, MARGIN, MARGIN + 7, WIDTH - 2 * MARGIN, document.title, size=9)
    day_width = (WIDTH - 2 * MARGIN - CLOCK) / max(1, document.num_days)
    row_height = (HEIGHT - TOP - HEAD - MARGIN - 6) / max(1, len(document.clocks))
    _frame(pdf, document, day_width, row_height)
    for day in range(document.num_days):
        lanes = lanes_of([lecture for lecture in placed if lecture.day == day])
        for number, lane in enumerate(lanes):
            for lecture in lane:
                x = MARGIN + CLOCK + day * day_width + number * day_width / len(lanes)
                y = TOP + HEAD + (lecture.period or 0) * row_height
                _card(pdf, document, by, lecture, (x, y, day_width / len(lanes), lecture.length * row_height))
    waiting = [lecture.section for lecture in lectures if not lecture.is_placed]
    if waiting:
        text_line(pdf, MARGIN, HEIGHT - MARGIN - 5, WIDTH - 2 * MARGIN, messages.no_place_yet(waiting), size=8, bold=True)


def week_heading(document: Document, by: By, key: str, lectures: list[Lecture]) -> str:
    """The code with a title or a name beside it."""
    titles = sorted({lecture.title for lecture in lectures if lecture.title}) if by == "section" else []
    known = {"instructor": document.names, "curriculum": document.curriculum_names}.get(by, {})
    name = titles[0] if titles else known.get(key, "")
    return f"{key}  {name}" if name and name != key else key


def _frame(pdf: FPDF, document: Document, day_width: float, row_height: float) -> None:
    """Day names across, clock times down, thin lines between."""
    pdf.set_draw_color(170)
    for day in range(document.num_days):
        x = MARGIN + CLOCK + day * day_width
        text_line(pdf, x, TOP, day_width, DAY_NAMES[day % 7], size=9, bold=True, height=HEAD)
    for row, clock in enumerate(document.clocks):
        y = TOP + HEAD + row * row_height
        text_line(pdf, MARGIN, y, CLOCK, clock.starts_at or f"{clock.period + 1}", size=8)
        text_line(pdf, MARGIN, y + 4, CLOCK, clock.ends_at, size=7)
        for day in range(document.num_days):
            pdf.rect(MARGIN + CLOCK + day * day_width, y, day_width, row_height)


def _card(pdf: FPDF, document: Document, by: By, lecture: Lecture, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    pdf.set_draw_color(90)
    pdf.set_fill_color(238, 242, 247)
    pdf.rect(x + 0.4, y + 0.4, width - 0.8, height - 0.8, style="DF")
    people = ", ".join(document.names.get(code, code) for code in lecture.instructors)
    lines = [
        lecture.course,
        lecture.title,
        lecture.room if by != "room" else lecture.section,
        people if by != "instructor" else lecture.section,
    ]
    step = min(4.0, (height - 1.5) / len(lines))
    for number, line in enumerate(line for line in lines if line):
        text_line(pdf, x + 1, y + 1 + number * step, width - 2, line, size=min(8.0, step * 2.1), bold=number == 0, height=step)


def text_line(
    pdf: FPDF, x: float, y: float, width: float, text: str, *, size: float, bold: bool = False, height: float = 5, align: str = "L"
) -> None:
    """One line, shortened where it does not fit."""
    pdf.set_font(FONT, "B" if bold else "", size)
    line = _printable(text)
    if line and pdf.get_string_width(line) > width:
        while line and pdf.get_string_width(line + "…") > width:
            line = line[:-1]
        line += "…"
    pdf.set_xy(x, y)
    pdf.cell(width, height, line, align=align)


def _printable(text: str) -> str:
    """One line without control characters; what the font lacks is printed as its empty box."""
    return " ".join(CONTROL.sub("", text).split())
