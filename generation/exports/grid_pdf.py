"""Weekly grids on paper: an A4 page for each section, instructor, room or curriculum."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from academics.week_labels import DAY_NAMES
from generation.exports.document import Document, ExportRefused
from generation.exports.typesetting import Paper
from generation.text import messages
from generation.text.display_names import RoomName, reading_order, words_of
from generation.text.without_room import is_without_room
from generation.timetable.grid import By, lanes_of
from generation.timetable.lectures import Lecture

MAX_PAGES = 600  # beyond it a file is no longer something that anybody prints

WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 10.0  # mm, A4 across
TOP, HEAD, CLOCK = 24.0, 7.0, 16.0


def render(document: Document) -> bytes:
    """A page a week. Refused beyond `MAX_PAGES`: then one ``key`` at a time."""
    by: By = document.by or "section"
    weeks = weeks_of(document, by)
    if len(weeks) > MAX_PAGES:
        raise ExportRefused(text=messages.too_many_pages(len(weeks), MAX_PAGES, by))
    pdf = paper(document)
    for key in sorted(weeks, key=reading_order) or [document.key]:
        week_page(pdf, document, by, key, weeks.get(key, []))
    return pdf.content()


def paper(document: Document) -> Paper:
    places = (words for room in document.rooms.values() for words in (room.name, room.building))
    sample = [*document.names.values(), *(lecture.title for lecture in document.lectures), *places, document.title]
    return Paper(document.title, document.time_zone, sample)


def weeks_of(document: Document, by: By) -> dict[str, list[Lecture]]:
    weeks: defaultdict[str, list[Lecture]] = defaultdict(list)
    for lecture in document.lectures:
        for key in _keys(lecture, by, document.rooms):
            if document.key in ("", key):
                weeks[key].append(lecture)
    return dict(weeks)


def _keys(lecture: Lecture, by: By, rooms: Collection[str]) -> tuple[str, ...]:
    if by == "section":
        return (lecture.section,)
    if by == "room":
        return () if not lecture.room or is_without_room(lecture.room, rooms) else (lecture.room,)
    return lecture.instructors if by == "instructor" else (*lecture.curricula, *lecture.electives)


def week_page(pdf: Paper, document: Document, by: By, key: str, lectures: list[Lecture]) -> None:
    pdf.add_page()
    placed = [lecture for lecture in lectures if lecture.is_placed]
    heading = week_heading(document, by, key, lectures)
    what = "Group" if by == "curriculum" and key in document.groups else by.capitalize()
    heading = heading if by in ("section", "instructor") else f"{what} {heading}"
    pdf.text_line(MARGIN, MARGIN, WIDTH - 2 * MARGIN, heading, size=14, bold=True)
    pdf.text_line(MARGIN, MARGIN + 7, WIDTH - 2 * MARGIN, document.title, size=9)
    day_width = (WIDTH - 2 * MARGIN - CLOCK) / max(1, document.num_days)
    row_height = (HEIGHT - TOP - HEAD - MARGIN - 6) / max(1, len(document.clocks))
    _frame(pdf, document, day_width, row_height)
    for day in range(document.num_days):
        lanes = lanes_of(lecture for lecture in placed if lecture.day == day)
        for number, lane in enumerate(lanes):
            for lecture in lane:
                x = MARGIN + CLOCK + day * day_width + number * day_width / len(lanes)
                y = TOP + HEAD + (lecture.period or 0) * row_height
                _card(pdf, document, by, lecture, (x, y, day_width / len(lanes), lecture.length * row_height))
    waiting = [lecture.section for lecture in lectures if not lecture.is_placed]
    if waiting:
        pdf.text_line(MARGIN, HEIGHT - MARGIN - 5, WIDTH - 2 * MARGIN, messages.no_place_yet(waiting), size=8, bold=True)


def week_heading(document: Document, by: By, key: str, lectures: list[Lecture]) -> str:
    """The code with a title or a name beside it."""
    titles = sorted({lecture.title for lecture in lectures if lecture.title}) if by == "section" else []
    known = {"instructor": document.names, "curriculum": document.curriculum_names}.get(by, {})
    name = document.rooms.get(key, RoomName(key)).about if by == "room" else titles[0] if titles else known.get(key, "")
    if not name or words_of(name) == words_of(key):
        return name if by == "instructor" and name else key
    # A person's code may be the name again, or a part of it; the code of a section never goes.
    return name if by == "instructor" and words_of(key) < words_of(name) else f"{key}  {name}"


def _frame(pdf: Paper, document: Document, day_width: float, row_height: float) -> None:
    """Day names across, clock times down, thin lines between."""
    pdf.set_draw_color(170)
    for day in range(document.num_days):
        x = MARGIN + CLOCK + day * day_width
        pdf.text_line(x, TOP, day_width, _day_heading(document, day), size=9, bold=True, height=HEAD)
    for row, clock in enumerate(document.clocks):
        y = TOP + HEAD + row * row_height
        pdf.text_line(MARGIN, y, CLOCK, clock.starts_at or f"{clock.period + 1}", size=8)
        pdf.text_line(MARGIN, y + 4, CLOCK, clock.ends_at, size=7)
        for day in range(document.num_days):
            pdf.rect(MARGIN + CLOCK + day * day_width, y, day_width, row_height)


def _day_heading(document: Document, day: int) -> str:
    if document.week_of is None:
        return DAY_NAMES[day % 7]
    date = document.week_of + dt.timedelta(days=day)
    free = document.days.break_on(date)
    return f"{DAY_NAMES[day % 7]} {date.day} {date:%b}{f', {free}' if free else ''}"


def _card(pdf: Paper, document: Document, by: By, lecture: Lecture, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    pdf.set_draw_color(90)
    mark = document.marks.get(lecture)
    is_off = mark is not None and not mark.is_held
    pdf.set_fill_color(*((225, 225, 225) if is_off else (255, 240, 205) if mark and mark.changes else (238, 242, 247)))
    pdf.rect(x + 0.4, y + 0.4, width - 0.8, height - 0.8, style="DF")
    people = ", ".join(document.names.get(code, code) for code in lecture.instructors)
    step = min(4.0, (height - 1.5) / 4)
    size = min(8.0, step * 2.1)
    weeks = document.weeks(lecture)
    heading = f"{lecture.course} ({messages.ELECTIVE})" if document.is_elective(lecture) else lecture.course
    changes = ", ".join(word for word in (*mark.changes, mark.note) if word) if mark else ""
    lines = [
        f"{heading}, {weeks}" if weeks else heading,
        lecture.title if lecture.title != lecture.course else "",
        pdf.longest_fitting(document.place(lecture).forms, width - 2, size=size) if by != "room" else lecture.section,
        people if by != "instructor" else lecture.section,
    ]
    lines = [line for line in lines if line][: 3 if changes else 4]
    for number, line in enumerate(lines):
        pdf.text_line(x + 1, y + 1 + number * step, width - 2, line, size=size, bold=number == 0, height=step)
        if is_off:
            middle = y + 1 + (number + 0.5) * step
            pdf.line(x + 1, middle, x + width - 1, middle)
    if changes:
        pdf.text_line(x + 1, y + 1 + len(lines) * step, width - 2, changes, size=size, bold=True, height=step)
