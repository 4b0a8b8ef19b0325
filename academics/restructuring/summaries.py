"""Rows of a table that are none of its things: subtotals and totals, headings of groups, footers, and classes that are cancelled."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from academics.restructuring.codes import name_folded
from academics.restructuring.frames import Frame, Row, cell_of, heading_plain
from academics.restructuring.roles import ROLES
from academics.restructuring.words import component_of

FEWEST_CELLS = 3  # of usual rows, where one with a single cell stands out
USUALLY = 0.9  # of a column's cells share what tells them from the heading of a group
FEWEST_WORDS = 4  # of what is a sentence, and no code
LONGEST_WORDS = 4  # of a cell that says that a class is cancelled
_TOTALS = (
    *("total", "totals", "subtotal", "subtotals", "sub total", "grand total", "sum", "summe", "zwischensumme", "gesamt", "gesamtsumme"),
    *("insgesamt", "ergebnis", "gesamtergebnis", "total general", "sous total", "somme", "totale", "totale generale", "subtotale", "suma"),
    *("soma", "toplam", "ara toplam", "genel toplam", "итого", "всего", "合計", "小計", "総計", "общий итог"),
)
TOTALS = frozenset(name_folded(word) for word in _TOTALS)
NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")
_PAGE_WORDS = "page|seite|página|pagina|pág|pag|sayfa|страница|стр|strona|strana"
PAGE = re.compile(rf"[-–\s]*(?:{_PAGE_WORDS})\.?\s*\d+(?:\s*(?:/|of|von|de|sur|di|из|z)\s*\d+)?[-–\s]*", re.IGNORECASE)
PAGE_BEHIND = re.compile(rf"\b(?:{_PAGE_WORDS})\.?\s*\d+\s*(?:/|of|von|de|sur|di|из|z)\s*\d+\s*$", re.IGNORECASE)
_PRINTED_WORDS = (
    "printed|generated|created|exported|report run|gedruckt|erstellt|erzeugt|imprimé|généré|édité|impreso|generado|impresso|stampato"
)
PRINTED = re.compile(rf"(?:{_PRINTED_WORDS})\b.*\d.*", re.IGNORECASE)
GROUP_ROLES = ("department", "subject", "curriculum", "term", "building", "days", "instructor", "course")
GROUP_WORDS = frozenset(
    {heading_plain(word) for role in GROUP_ROLES for word in ROLES[role].headings} | {"faculty", "fakultät", "faculté", "facultad", "area"}
)
_CANCELLED = (
    *("cancelled", "canceled", "cancel", "annulé", "annulée", "annulés", "supprimé", "supprimée", "entfällt", "entfaellt"),
    *("fällt aus", "abgesagt", "ausgefallen", "gestrichen", "storniert", "cancelado", "cancelada", "anulado", "anulada", "suspendido"),
    *("iptal", "iptal edildi", "отменено", "отменен", "отменён", "отменена", "отмена", "annullato", "annullata", "cancellato", "soppresso"),
    *("geannuleerd", "vervallen", "odwołane", "zrušeno", "休講", "中止", "取消"),
)
CANCELLED = frozenset(name_folded(word) for word in _CANCELLED)


def summary_rows(frame: Frame, column: str = "") -> list[Row]:
    """The rows that look like totals, headings of groups or footers. ``column`` is the one that has the codes, where that is known."""
    filled = [sum(map(bool, cells)) for _, cells in frame.rows]
    counts = sorted(count for count in filled if count)
    usual = counts[-(-3 * (len(counts) - 1) // 4)] if counts else 0  # in many a table every second row is a summary
    places = {0} | ({frame.index(column)} if column else set())
    said = [
        0 < count <= usual and (_is_total(cells, count, usual) or _is_footer(cells, count, usual))
        for (_, cells), count in zip(frame.rows, filled, strict=True)
    ]
    others = [cells for (_, cells), count, is_said in zip(frame.rows, filled, said, strict=True) if count > 1 and not is_said]
    traits = {place: _trait([cell for cells in others if (cell := cell_of(cells, place))]) for place in places}
    return [row for row, count, is_said in zip(frame.rows, filled, said, strict=True) if is_said or _is_group(row[1], count, usual, traits)]


def is_cancelled(cell: str) -> bool:
    """Whether a cell says that a class is not held."""
    words = name_folded(cell).split()
    if not 0 < len(words) <= LONGEST_WORDS:
        return False
    return any(" ".join(words[:count]) in CANCELLED for count in range(1, len(words) + 1))


def _is_total(cells: Sequence[str], count: int, usual: int) -> bool:
    """A word for a total, with nothing else but numbers and the name of what was counted."""
    texts = list(itertools.islice((cell for cell in cells if cell and not NUMBER.fullmatch(cell.strip())), 3))
    if not texts or len(texts) > 2:
        return False
    bare = [name_folded(text) in TOTALS for text in texts]
    if len(texts) == 2 or count >= usual:
        return any(bare) and (count < usual or len(texts) == 1)
    words = name_folded(texts[0]).split()
    ends = {" ".join(words[:size]) for size in (1, 2)} | {" ".join(words[-size:]) for size in (1, 2)}
    return bool(ends & TOTALS)


def _is_footer(cells: Sequence[str], count: int, usual: int) -> bool:
    """The number of the page, when it was printed, or a remark with a star."""
    texts = [cell.strip() for cell in cells if cell] if count <= 2 and count < usual else []
    if any(PAGE.fullmatch(text) for text in texts):
        return True
    is_remark = len(texts) == 1 and usual >= FEWEST_CELLS
    return is_remark and (texts[0].startswith("*") or bool(PRINTED.fullmatch(texts[0])) or bool(PAGE_BEHIND.search(texts[0])))


def _is_group(cells: Sequence[str], count: int, usual: int, traits: dict[int, str]) -> bool:
    """A row of one cell: ``Department: Biology``, or a name where all others have codes."""
    if count != 1 or usual < FEWEST_CELLS:
        return False
    place, text = next((place, cell.strip()) for place, cell in enumerate(cells) if cell)
    before, mark, behind = text.partition(":")
    if mark and behind.strip() and heading_plain(before) in GROUP_WORDS:
        return True
    trait = traits.get(place, "")
    if not trait or len(text) < 3 or component_of(text):
        return False
    if len(text.split()) >= FEWEST_WORDS:
        return True  # a sentence, where all others have codes
    has_digit, has_lower = any(map(str.isdigit, text)), any(map(str.islower, text))
    return not has_digit if trait == "digits" else has_lower and not has_digit


def _trait(values: Sequence[str]) -> str:
    """What nearly all cells of a column share, in rows with more than one cell: digits, or capital letters alone."""
    if len(values) < 2:
        return ""
    if sum(any(map(str.isdigit, value)) for value in values) >= USUALLY * len(values):
        return "digits"
    return "capitals" if sum(value.isupper() and len(value) <= 6 for value in values) >= USUALLY * len(values) else ""
