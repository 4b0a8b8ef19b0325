"""Cells that say several hours at once: ``2V+1Ü``, ``3L+1T``, ``3-0-2``.

The letters of a column belong to one of the ways of writing below, in the order in which these have them; where several would do and
read the cells differently, it is asked which one is meant. Numbers alone are read in the order that the heading names (``L-T-P``), and
otherwise it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from academics.restructuring.codes import name_folded
from academics.restructuring.words import SEMINARS, component_of, kind_word

PARTS = ("lecture", "tutorial", "lab")
MOST_HOURS = 999  # of one kind, in a cell
LONGEST = 60  # of such a cell
NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
UNITS = r"(?:\s*(?:sws|hrs?|hours?|std|stunden|heures?|horas?|h|ч|час)\b\.?)?"
WORD = r"[^\W\d_]{1,14}"
BETWEEN = r"[\s+/,;:&|.()\-–]*"
NUMBERS_FIRST = re.compile(rf"{BETWEEN}(?:{NUMBER}{UNITS}\s*{WORD}{BETWEEN}){{1,5}}", re.IGNORECASE)
NUMBER_FIRST = re.compile(rf"({NUMBER}){UNITS}\s*({WORD})", re.IGNORECASE)
WORDS_FIRST = re.compile(rf"{BETWEEN}(?:{WORD}\s*[:=.]?\s*{NUMBER}{BETWEEN}){{1,5}}", re.IGNORECASE)
WORD_FIRST = re.compile(rf"({WORD})\s*[:=.]?\s*({NUMBER})", re.IGNORECASE)
BARE = re.compile(r"[(\[]?\s*\d{1,2}(?:\s*([-–+/:])\s*\d{1,2}(?:\s*\1\s*\d{1,2}){0,2}|(?:\s*[,;]\s*\d{1,2}){2,3})\s*[)\]]?")
CREDITS = frozenset(("c", "cr", "cp", "credits", "credit", "k", "kredi", "akts", "ects", "lp", "u", "units"))
HOURS_WORDS = frozenset(("h", "hr", "hrs", "hour", "hours", "sws", "std", "stunden", "heures", "horas", "ore", "ч"))


@dataclass(frozen=True)
class Writing:
    """One way of writing: the letters of lectures, of tutorials and of labs, which stand in this order."""

    name: str
    label: str
    lecture: tuple[str, ...]
    tutorial: tuple[str, ...]
    lab: tuple[str, ...]

    def component(self, letter: str) -> str:
        return next((each for each in PARTS if letter in getattr(self, each)), "")


WRITINGS = (
    Writing("en", "L lecture, T tutorial, P or Lab practical", ("l", "lec", "lect"), ("t", "tut"), ("p", "pr", "lab", "prac")),
    Writing(
        "de", "V Vorlesung, Ü Übung or S Seminar, P Praktikum", ("v", "vl", "vo", "su"), ("u", "ue", "ub", "s", "se"), ("p", "pr", "l")
    ),
    Writing("fr", "CM cours, TD travaux dirigés, TP travaux pratiques", ("cm", "c"), ("td",), ("tp",)),
    Writing("es", "T teoría, P práctica, L laboratorio", ("t", "te"), ("p", "pr"), ("l", "lab")),
    Writing("pt", "T teórica, TP teórico-prática, PL prática laboratorial", ("t",), ("tp",), ("pl", "p")),
    Writing("it", "L lezione, E esercitazione, Lab laboratorio", ("l", "lez"), ("e", "es"), ("lab",)),
    Writing("tr", "T teorik, U uygulama, L laboratuvar", ("t",), ("u",), ("l", "lab")),
    Writing("ru", "Лек or Л, Пр, ПЗ or С, Лаб or ЛР", ("л", "лк", "лек"), ("п", "пр", "пз", "с", "сем"), ("лб", "лр", "лаб")),
    Writing("cs", "P přednáška, C cvičení or S seminář, L laboratoř", ("p",), ("c", "s"), ("l",)),
    Writing("pl", "W wykład, C ćwiczenia or S seminarium, L laboratorium", ("w",), ("c", "cw", "s"), ("l", "lab", "p")),
    Writing("sv", "F föreläsning, Ö övning, L laboration", ("f", "fo"), ("o", "ov"), ("l", "lab")),
    Writing("nl", "HC hoorcollege, WC werkcollege, P practicum", ("hc",), ("wc",), ("p", "pr")),
    Writing("ro", "C curs, S seminar, L laborator", ("c",), ("s",), ("l", "lab", "p")),
    Writing("hu", "E előadás, GY gyakorlat, L labor", ("e", "ea"), ("gy",), ("l", "lab")),
    Writing("el", "Θ θεωρία, Φ φροντιστήριο or Α ασκήσεις, Ε εργαστήριο", ("θ", "δ"), ("φ", "α", "ασ"), ("ε",)),
)
WHOLE_WORDS = frozenset(("lec", "tut", "lab", "лек", "лаб"))
ORDERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ltp": (("lecture", "tutorial", "lab"), "lecture, tutorial, lab"),
    "lpt": (("lecture", "lab", "tutorial"), "lecture, lab, tutorial"),
    "lt": (("lecture", "tutorial"), "lecture, tutorial"),
    "lp": (("lecture", "lab"), "lecture, lab"),
    "ltpc": (("lecture", "tutorial", "lab", ""), "lecture, tutorial, lab, credits"),
    "lptc": (("lecture", "lab", "tutorial", ""), "lecture, lab, tutorial, credits"),
}
Pairs = tuple[tuple[str, Fraction], ...]


def pairs_of(cell: str) -> Pairs:
    """The words of a cell, folded, each with its number; nothing where it is no such cell."""
    text = cell.strip()
    if not text or len(text) > LONGEST or not any(map(str.isdigit, text)):
        return ()
    if NUMBERS_FIRST.fullmatch(text):
        found = [(word, number) for number, word in NUMBER_FIRST.findall(text)]
    elif WORDS_FIRST.fullmatch(text):
        found = WORD_FIRST.findall(text)
    else:
        return ()
    pairs = tuple((name_folded(word), Fraction(number.replace(",", "."))) for word, number in found)
    words = [word for word, _ in pairs]
    if not all(words) or len(set(words)) < len(words) or set(words) <= HOURS_WORDS:
        return ()
    return pairs if all(number <= MOST_HOURS for _, number in pairs) else ()


def bare_of(cell: str) -> tuple[int, ...]:
    """The numbers of ``3-0-2``."""
    found = BARE.fullmatch(cell.strip()) if len(cell) <= LONGEST else None
    return tuple(int(number) for number in re.findall(r"\d+", found.group())) if found else ()


def says_hours(cell: str) -> bool:
    """Whether a cell says hours of several kinds, by letters or in an order."""
    return len(pairs_of(cell)) > 1 or len(bare_of(cell)) > 2


def writings_of(cells: Iterable[Pairs]) -> list[Writing]:
    """The ways of writing that know all letters of a column, and have those of each cell in their order."""
    columns = [[word for word, _ in pairs if not component_by_word(word)] for pairs in cells]
    found = []
    for writing in WRITINGS:
        places = [[PARTS.index(part) if (part := writing.component(word)) else -1 for word in words] for words in columns]
        if all(-1 not in each and each == sorted(each) for each in places):
            found.append(writing)
    return found


def component_by_word(word: str) -> str:
    """What a word says that is longer than a letter or two: ``Vorlesung``, ``tut``."""
    if kind_word(word) in SEMINARS:
        return "tutorial"
    return component_of(word) if len(word) > 3 or word in WHOLE_WORDS else ""


def order_of_heading(heading: str, length: int) -> tuple[str, ...]:
    """The order that a heading names, as L-T-P and ``LTPC`` do; nothing where it names none for so many numbers."""
    words = name_folded(heading).split()
    spelt = [tuple(words), *(tuple(word) for word in words)]
    starts = [each[start : start + length] for each in spelt for start in range(len(each) - length + 1)]
    for letters in starts:
        for kept in (letters, letters[:-1] if letters[-1] in CREDITS else ()):
            orders = {tuple(writing.component(letter) for letter in kept) for writing in WRITINGS} if len(kept) > 1 else set()
            orders = {order for order in orders if all(order) and len(set(order)) == len(order) and order[0] == "lecture"}
            if len(orders) == 1:
                return (*orders.pop(), *[""] * (length - len(kept)))
    return ()


def hours_by(writing: Writing | None, pairs: Pairs) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for word, number in pairs:
        component = component_by_word(word) or (writing.component(word) if writing else "")
        if component:
            found[component] = found.get(component, Fraction(0)) + number
    return found


def hours_in_order(order: Sequence[str], numbers: Sequence[int]) -> dict[str, Fraction]:
    return {component: Fraction(number) for component, number in zip(order, numbers, strict=True) if component and number}


def words_of(hours: Mapping[str, Fraction]) -> str:
    """Hours in words: ``2 of lecture, 1 of lab``."""
    return ", ".join(f"{float(number):g} of {component}" for component, number in hours.items() if number) or "none"
