"""All weeks of one kind as a book: a title page, contents that lead to each week, and an A4 page a week."""

from __future__ import annotations

from collections.abc import Callable

from generation.exports.document import BOOKS, Document
from generation.exports.grid_pdf import HEIGHT, MARGIN, WIDTH, paper, week_heading, week_page, weeks_of
from generation.exports.typesetting import Paper
from generation.text import messages
from generation.text.display_names import reading_order
from generation.timetable.grid import By
from generation.timetable.lectures import Lecture

COLUMNS, LINE, FIRST_LINE = 3, 4.2, 24.0
ROWS = int((HEIGHT - FIRST_LINE - MARGIN) / LINE)
TELL_EVERY = 20  # pages

Tell = Callable[[int, int], None]


def num_weeks(document: Document, book: str) -> int:
    return len(weeks_of(document, BOOKS[book]))


def render(document: Document, book: str, tell: Tell) -> bytes:
    """``tell`` is called with how many of how many pages are done, and may raise to end it."""
    by = BOOKS[book]
    weeks = weeks_of(document, by)
    keys = sorted(weeks, key=reading_order)
    pdf = paper(document)
    _title_page(pdf, document, by, len(keys))
    links = [pdf.add_link() for _ in keys]
    _contents(pdf, document, by, weeks, keys, links)
    for number, key in enumerate(keys):
        week_page(pdf, document, by, key, weeks[key])
        pdf.set_link(links[number])
        pdf.text_line(WIDTH - MARGIN - 20, HEIGHT - MARGIN - 1, 20, str(pdf.page_no()), size=8, align="R")
        if number % TELL_EVERY == 0:
            tell(number, len(keys))
    content = pdf.content()
    tell(len(keys), len(keys))
    return content


def _title_page(pdf: Paper, document: Document, by: By, count: int) -> None:
    pdf.add_page()
    pdf.text_line(MARGIN, 70, WIDTH - 2 * MARGIN, document.organization_name, size=24, bold=True, align="C", height=12)
    pdf.text_line(MARGIN, 88, WIDTH - 2 * MARGIN, document.term_name or document.term, size=16, align="C", height=8)
    pdf.text_line(MARGIN, 104, WIDTH - 2 * MARGIN, messages.book_title(by, count), size=12, align="C", height=8)


def _contents(pdf: Paper, document: Document, by: By, weeks: dict[str, list[Lecture]], keys: list[str], links: list[int]) -> None:
    """Columns of keys with the page of each; as many pages as it takes."""
    per_page = ROWS * COLUMNS
    num_pages = -(-len(keys) // per_page)
    width = (WIDTH - 2 * MARGIN) / COLUMNS
    for number, key in enumerate(keys):
        place = number % per_page
        if place == 0:
            pdf.add_page()
            pdf.text_line(MARGIN, MARGIN, WIDTH - 2 * MARGIN, "Contents", size=14, bold=True)
        column, row = divmod(place, ROWS)
        x, y = MARGIN + column * width, FIRST_LINE + row * LINE
        page = 1 + num_pages + number + 1
        pdf.text_line(x, y, width - 16, week_heading(document, by, key, weeks[key]), size=7.5, height=LINE)
        pdf.text_line(x + width - 16, y, 10, str(page), size=7.5, height=LINE, align="R")
        pdf.link(x, y, width - 6, LINE, links[number])
