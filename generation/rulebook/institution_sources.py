"""Constraints of the whole institution: seats, what always holds, and what is wished."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from academics.selectors import LIMIT_KINDS
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.problem import WEIGHT_IDS
from generation.rulebook import sentences
from generation.rulebook.context import Book, Filters, Line, Parameter
from generation.rulebook.kinds import ALWAYS, HARDNESS, KINDS
from generation.rulebook.source import Rows, admin_page
from generation.timetable.counts import found_words


class SeatsSource:
    """Whether every student has a seat: one line for the term."""

    kinds = ("seats",)

    def select(self, book: Book, filters: Filters) -> Rows:
        line = self.lines(book, ["term"])[0]
        return ["term"] if fits(line, filters) else []

    def find(self, book: Book, kind: str, row: str) -> str | None:
        return "term" if row == "term" else None

    def lines(self, book: Book, rows: Sequence[str]) -> list[Line]:
        if not rows:
            return []
        term, is_hard = book.term, book.is_hard("seats")
        constraint = "room_too_small" if is_hard else "room_capacity"
        line = Line(
            kind=KINDS["seats"],
            row="term",
            sentence=sentences.seats_sentence(is_hard=is_hard, number=term.seats_tolerance, percent=term.seats_tolerance_percent),
            scope="All lectures and rooms",
            is_hard=is_hard,
            parameters=(
                Parameter("Without a seat", str(term.seats_tolerance), "students", "0 to 32767"),
                Parameter("or", str(term.seats_tolerance_percent), "% of the seats", "0 to 100"),
            )
            if is_hard
            else (Parameter("Weight", str(book.weight("seats")), "for each student without a seat", "1 to 100"),),
            weight=None if is_hard else book.weight("seats"),
            num_lectures=book.touches.total,
            breaches=None if book.costs is None else tuple(book.costs.of([constraint])),
            found=found_words(constraint, book.counts),
            record=admin_page("term", term.pk),
            can_switch=False,
            facts={
                "number": term.seats_tolerance,
                "percent": term.seats_tolerance_percent,
                "weight": max(1, book.weights["room_capacity"]),
            },
        )
        return [line]


class AlwaysSource:
    """What every timetable keeps."""

    kinds = ("always",)

    def select(self, book: Book, filters: Filters) -> Rows:
        return [line.row for line in self.lines(book, ALWAYS) if fits(line, filters)]

    def find(self, book: Book, kind: str, row: str) -> str | None:
        return row if row in ALWAYS else None

    def lines(self, book: Book, rows: Sequence[str]) -> list[Line]:
        return [
            Line(
                kind=KINDS["always"],
                row=constraint,
                sentence=gettext(CONSTRAINTS[constraint].texts.sentence),
                scope="The whole institution",
                is_hard=True,
                num_lectures=book.touches.total,
                breaches=None if book.costs is None else tuple(book.costs.of([constraint])),
                found=found_words(constraint, book.counts),
                can_switch=False,
            )
            for constraint in rows
        ]


class WeightSource:
    """What the institution wishes, and what each breach costs."""

    kinds = ("weight",)

    def select(self, book: Book, filters: Filters) -> Rows:
        return [line.row for line in self.lines(book, self._all(book)) if fits(line, filters)]

    def find(self, book: Book, kind: str, row: str) -> str | None:
        return row if row in self._all(book) else None

    def _all(self, book: Book) -> list[str]:
        """Without seats, which have a line of their own."""
        return [name for name in WEIGHT_IDS if name != "room_capacity"]

    def lines(self, book: Book, rows: Sequence[str]) -> list[Line]:
        return [self._line(book, name) for name in rows]

    def _line(self, book: Book, name: str) -> Line:
        weight, kind = book.weights[name], LIMIT_OF.get(name)
        is_hard = kind is not None and book.is_hard(kind)
        found = HARD_TWIN[name] if is_hard else name
        return Line(
            kind=KINDS["weight"],
            row=name,
            sentence=gettext(CONSTRAINTS[found].texts.sentence),
            scope="The whole institution",
            is_hard=is_hard,
            parameters=(
                *_of_everybody(book, name),
                *(() if is_hard else (Parameter("Weight", str(weight), CONSTRAINTS[name].texts.unit, "0 to 100; 0 is off"),)),
            ),
            weight=None if is_hard else weight,
            is_active=is_hard or weight > 0,
            num_lectures=book.touches.total,
            breaches=None if book.costs is None else tuple(book.costs.of([found])),
            found=found_words(found, book.counts),
            can_switch=not is_hard,
            default="" if is_hard or name in book.organization.weights else _default(book, name),
            facts={"weight": weight, "can_be_hard": kind is not None},
        )


def _of_everybody(book: Book, name: str) -> tuple[Parameter, ...]:
    """How many free days or half-days every instructor has at least who has no number of his or her own."""
    number = {"free_days": book.organization.min_free_days, "free_half_days": book.organization.min_free_half_days}.get(name, 0)
    return (Parameter("Every instructor", str(number), "a week, at least", "set with the institution"),) if number else ()


def _default(book: Book, name: str) -> str:
    """Why it counts, or does not, though nobody said so."""
    if name != "lunch" or not book.weights[name]:
        return sentences.WEIGHT_DEFAULT
    return sentences.lunch_default([f"{period.starts_at:%H:%M}" for period in book.noon], is_marked=book.has_lunch)


# The limits that may be hard for everybody at once: the kind that shows each, and what the engine calls it then.
LIMIT_OF = {cost: kind for kind, cost in HARDNESS.items() if kind in LIMIT_KINDS}
HARD_TWIN = {cost: KINDS[kind].constraints[0] for cost, kind in LIMIT_OF.items()}


def fits(line: Line, filters: Filters) -> bool:
    words = f"{line.sentence} {line.scope} {line.row}".lower()
    return (
        filters.search.lower() in words
        and filters.strength in ("", "hard" if line.is_hard else "weighted")
        and filters.state in ("", "on" if line.is_active else "off")
        and (not filters.cost or bool(line.breaches))
    )
