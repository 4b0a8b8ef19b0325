"""What the readers of all kinds have in common: a row noted, repeated or refused; and the term that it belongs to."""

from __future__ import annotations

from typing import Any, ClassVar

from academics.importing.entities import ENTITIES
from academics.importing.entity import Key, Values
from academics.importing.mapping import Mapped
from academics.importing.messages import text
from academics.importing.planning import MISSING, Cells, Check


class Reader:
    """Rows of one kind, each one row of the entity of that name."""

    entities: ClassVar[tuple[str, ...]]

    def __init__(self, check: Check) -> None:
        self.check = check

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        """Note the row; one with problems is named, so that nothing is removed for it."""
        raise NotImplementedError

    def finish(self) -> None:
        """What can be said only when all rows were read."""

    def values(self, entity: str, cells: Cells) -> Values:
        return tuple([cells.get(name, MISSING) for name in ENTITIES[entity].fields])

    def note(self, entity: str, key: Key, values: Values, *, number: int, mapped: Mapped, row: int, column: str, shown: str) -> bool:
        """Note one row of an entity; False where an earlier row has its key."""
        earlier = self.check.see(entity, key, values, number=number, row=row)
        if earlier is None:
            return True
        if earlier[0] == values:
            self.check.repetition_note(earlier[1:], (number, row))
            return False
        self.complain_repeated(entity, earlier, number=number, mapped=mapped, row=row, column=column, shown=shown)
        return False

    def complain_repeated(
        self, entity: str, earlier: tuple[Values | None, int, int], *, number: int, mapped: Mapped, row: int, column: str, shown: str
    ) -> None:
        """The key stands in an earlier row, with other values."""
        message = text("key_repeated", row=earlier[2], elsewhere=self.check.elsewhere(earlier[1], number))
        self.complain(mapped, row, column, shown, message, text("allowed_once", kind=ENTITIES[entity].title.lower()))

    def complain(self, mapped: Mapped, row: int, column: str, value: Any, message: str, allowed: str) -> None:
        self.check.problems.add(mapped, row, column, str(value), message, allowed)

    def features_note(self, codes: Any, *, number: int, row: int) -> None:
        """Words for what rooms have come into being where they are first used."""
        for code in codes:
            if code not in self.check.keys.of("features"):
                self.check.see("features", code, (MISSING,), number=number, row=row)


class TermedReader(Reader):
    """Rows that belong to a term, the usual one where they name none."""

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.usual = check.term_usual()

    def term(self, mapped: Mapped, row: int, cells: Cells) -> str | None:
        """The row's term; a problem where it has none."""
        named = cells.get("term") or self.usual
        if named is None and "terms" not in self.check.unread:  # whose table has been complained of
            self.complain(mapped, row, "term", "", text("term_needed"), text("allowed_term"))
        return named
