"""From mapped tables to what an import would do: every cell checked, every row compared with what is there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Field

from academics.importing.cells import Dated, Flawed, Rounded
from academics.importing.columns import Column
from academics.importing.columns_by_kind import KINDS
from academics.importing.entities import ENTITIES
from academics.importing.entity import Entity, Existing, Key, Keys, Values
from academics.importing.field_owners import FieldOwners
from academics.importing.fixes import Fixes
from academics.importing.mapping import Mapped
from academics.importing.messages import Message, text
from academics.importing.people import PeopleIndex
from academics.importing.problems import Problems
from academics.importing.tables import heading_plain
from academics.importing.values import (
    BROKEN_FORMULAS,
    BadValueError,
    Code,
    MeetingValue,
    Place,
    Rating,
    Reference,
    References,
    meetings_text,
)
from academics.models import Organization, OrganizationRow, Term
from academics.placements import Placement
from academics.plain_text import difference, look_of, number_of, text_plain
from academics.restructuring.words import is_nobody
from academics.without_room import LABELS

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING"})()  # the files have no such column: it stays as it is
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MOST_SAMPLES = 20
PEOPLE = ("instructors",)  # students share names too often
MOST_NAMED = 10  # columns in a sentence
Cells = dict[str, Any]
OnProgress = Callable[[str, int, int], None]  # what is being done, and how much of how much


def no_progress(words: str, done: int, total: int) -> None:
    """For callers that show no progress."""


@dataclass
class Plan:
    """What happens to one entity."""

    entity: Entity
    adds: list[tuple[Key, Values]] = field(default_factory=list)
    changes: list[tuple[int, Key, Values, frozenset[str]]] = field(default_factory=list)
    removes: list[tuple[int, Key]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    num_same: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {"added": len(self.adds), "changed": len(self.changes), "removed": len(self.removes), "unchanged": self.num_same}


@dataclass
class Seen:
    """The rows of one entity as the files have them: by key their values, and where they stand."""

    rows: dict[Key, tuple[Values | None, int, int]] = field(default_factory=dict)  # values, number of the table, row
    broken: set[Key] = field(default_factory=set)  # named by a row with problems: not written, and not removed either


@dataclass
class Alike:
    """Rows of a table that say the same as an earlier one in the columns that are read, and differ in others."""

    row: int  # the first of them, and the earlier one
    earlier: str
    columns: dict[str, None] = field(default_factory=dict)  # in which they differ
    count: int = 0


class Check:
    """One pass over the tables, kind by kind, so that whatever a row refers to is known before it."""

    def __init__(
        self,
        organization: Organization,
        tables: Sequence[Mapped],
        *,
        remove_missing: bool,
        fixes: Fixes | None = None,
        owners: FieldOwners | None = None,
    ) -> None:
        self.organization = organization
        self.fixes = fixes or Fixes()
        self.owners = owners
        self.tables = [mapped for mapped in tables if mapped.kind is not None]
        self.remove_missing = remove_missing
        self.keys = Keys(organization, ENTITIES)
        self.problems = Problems()
        self.plans: dict[str, Plan] = {}
        self.seen: dict[str, Seen] = {}
        self.unread: set[str] = set()  # kinds with a table that can't be read: what it names is not known
        self.placements: dict[str, list[Placement]] = {}  # by term: the lectures of a table that is a timetable
        self._existing: dict[str, Existing] = {}
        self._cells: dict[int, dict[int, Sequence[str]]] = {}
        self._alike: dict[int, Alike] = {}
        self._whole: dict[tuple[int, int], set[frozenset[tuple[str, str]]]] = {}  # by the first row of a key: all that say the same
        # By kind: what another column than the code's counts its rows by, with their codes (None: of several). Rows of other tables
        # of the same import may refer to it.
        self.joins: dict[str, dict[str, str | None]] = {}
        self._people: dict[str, tuple[PeopleIndex, dict[str, str]]] = {}
        self._named: dict[str, dict[str, list[str]]] = {}
        self._plain_codes: dict[str, dict[str, str]] = {}
        self._pointed: set[tuple[str, str]] = set()  # codes that look alike, as they were pointed out

    def columns_check(self, mapped: Mapped) -> bool:
        """Whether the table has rows, and one column for each that is needed."""
        table, kind, row = mapped.table, mapped.kind, mapped.table.headings_row
        assert kind is not None
        before = self.problems.count
        labels = ", ".join(column.label for column in kind.needed) or "one of its kind"
        for column in kind.needed:
            if mapped.index(column.name) is None:
                message = text("column_missing", label=column.label, kind=kind.title.lower())
                self.problems.add(mapped, row, column.name, "", message, text("allowed_column", labels=labels))
        for name in {name for name in mapped.columns if name and mapped.columns.count(name) > 1}:
            message = text("column_twice", label=kind.column(name).label)
            self.problems.add(mapped, row, name, "", message, text("allowed_column", labels=labels))
        if not table.rows:
            self.problems.add(mapped, row, "", "", text("rows_none"), text("allowed_rows"))
        if self.problems.count > before:
            self.unread.add(kind.name)
        return self.problems.count == before

    def existing(self, entity: str) -> Existing:
        if entity not in self._existing:
            self._existing[entity] = ENTITIES[entity].existing(self.organization)
        return self._existing[entity]

    def see(self, entity: str, key: Key, values: Values, *, number: int, row: int) -> tuple[Values | None, int, int] | None:
        """Note a row of the files; the earlier one with this key, where there is one."""
        seen = self.seen.setdefault(entity, Seen())
        earlier = seen.rows.get(key)
        if earlier is None:
            seen.rows[key] = (values, number, row)
        return earlier

    def see_again(self, entity: str, key: Key, values: Values, *, number: int, row: int) -> None:
        """Note what several rows say together."""
        self.seen.setdefault(entity, Seen()).rows[key] = (values, number, row)

    def break_(self, entity: str, key: Key) -> None:
        """Note a row with problems. What refers to it is not wrong for that."""
        self.seen.setdefault(entity, Seen()).broken.add(key)
        self.keys.of(entity).setdefault(key, None)

    def elsewhere(self, earlier: int, number: int) -> str:
        """Words for the earlier row's table, where it is another one."""
        return "" if earlier == number else f" of {self.tables[earlier].table.name}"

    def repetition_note(self, earlier: tuple[int, int], later: tuple[int, int]) -> None:
        """Note a row, as the number of its table and its own, that is left out because an earlier one says the same. It repeats that one
        exactly only where all cells are equal, those of columns that are not read too."""
        before, after = self._by_heading(*earlier), self._by_heading(*later)
        known = self._whole.setdefault(earlier, {frozenset(before.items())})
        if frozenset(after.items()) in known:
            self.problems.num_repeated += 1
            return
        known.add(frozenset(after.items()))
        different = [name for name in dict.fromkeys((*before, *after)) if before.get(name, "") != after.get(name, "")]
        number, row = later
        where = f"row {earlier[1]}{self.elsewhere(earlier[0], number)}"
        alike = self._alike.setdefault(number, Alike(row, where))
        alike.count += 1
        alike.columns |= dict.fromkeys(different)

    def _by_heading(self, number: int, row: int) -> dict[str, str]:
        table = self.tables[number].table
        if number not in self._cells:
            self._cells[number] = dict(table.rows)
        names = [heading or f"column {index}" for index, heading in enumerate(table.headings, 1)]
        cells = self._cells[number][row]
        names += [f"column {index}" for index in range(len(names) + 1, len(cells) + 1)]
        return {name: cell for name, cell in zip(names, cells, strict=False) if cell}

    def repetitions_warn(self, numbers: Iterable[int]) -> None:
        """Say of each table how many of its rows differ from an earlier one only where nothing is read. Its rows may go then."""
        self._whole.clear()
        for number in numbers:
            self._cells.pop(number, None)
            alike = self._alike.pop(number, None)
            if alike is not None:
                columns = ", ".join(list(alike.columns)[:MOST_NAMED])
                message = text(
                    "row_alike" if alike.count == 1 else "rows_alike",
                    count=alike.count,
                    columns=columns,
                    row=alike.row,
                    earlier=alike.earlier,
                )
                self.problems.warn(self.tables[number], 0, "", "", message)

    def plan(self, entity: Entity, *, is_whole: bool = True) -> None:
        """Compare what the files have with what is there, and let the keys tell what will be. Nothing is removed where no file has it."""
        seen = self.seen.setdefault(entity.name, Seen())
        existing = self.existing(entity.name)
        plan = self.plans.setdefault(entity.name, Plan(entity))
        keys = self.keys.of(entity.name)
        for key, (values, number, row) in seen.rows.items():
            if values is None:  # planned with another kind, as features are
                continue
            seen.rows[key] = (None, number, row)
            if self.owners is not None:
                self.owners.note(entity.name, repr(key), entity.fields, values, MISSING)
            found = existing.get(key)
            if found is None:
                self._plan_add(plan, key, values)
                keys[key] = None
            else:
                self._plan_change(plan, key, self._edited_kept(entity, key, values, found[1]), *found)
        if self.remove_missing and entity.is_removable and is_whole:
            self._plan_removal(plan, seen, existing)
        self._existing.pop(entity.name)

    def _edited_kept(self, entity: Entity, key: Key, values: Values, before: Values) -> Values:
        """The values without those of fields that somebody edited since the recipe's last run."""
        if self.owners is None:
            return values
        found = []
        for name, new, old in zip(entity.fields, values, before, strict=True):
            is_kept = new is not MISSING and self.owners.is_kept(entity.name, repr(key), name, new, old)
            if is_kept:
                self.owners.show(entity.name, key_text(key), label_of(entity, name), kept=str(shown(old)), file=str(shown(new)))
            found.append(MISSING if is_kept else new)
        return tuple(found)

    def _plan_add(self, plan: Plan, key: Key, values: Values) -> None:
        whole = tuple(
            default_of(plan.entity, name) if value is MISSING else value for name, value in zip(plan.entity.fields, values, strict=True)
        )
        plan.adds.append((key, whole))
        if len(plan.adds) <= MOST_SAMPLES:
            facts = {
                label_of(plan.entity, name): shown(value) for name, value in zip(plan.entity.fields, whole, strict=True) if shown(value)
            }
            plan.samples.append({"change": "add", "key": key_text(key), "after": facts})

    def _plan_change(self, plan: Plan, key: Key, values: Values, primary: int, before: Values) -> None:
        if all(new is MISSING or new == old for new, old in zip(values, before, strict=True)):
            plan.num_same += 1
            return
        merged = tuple(old if new is MISSING else new for new, old in zip(values, before, strict=True))
        pairs = zip(plan.entity.fields, before, merged, strict=True)
        different = {name: (old, new) for name, old, new in pairs if old != new}
        plan.changes.append((primary, key, merged, frozenset(different)))
        if len(plan.changes) <= MOST_SAMPLES:
            was = {label_of(plan.entity, name): shown(old) for name, (old, _) in different.items()}
            will = {label_of(plan.entity, name): shown(new) for name, (_, new) in different.items()}
            plan.samples.append({"change": "change", "key": key_text(key), "before": was, "after": will})

    def _plan_removal(self, plan: Plan, seen: Seen, existing: Existing) -> None:
        scope = plan.entity.scope
        scopes = {scope(key) for key in seen.rows}
        keys = self.keys.of(plan.entity.name)
        for key, (primary, _) in existing.items():
            if key in seen.rows or key in seen.broken or scope(key) not in scopes:
                continue
            plan.removes.append((primary, key))
            keys.pop(key, None)
            if len(plan.removes) <= MOST_SAMPLES:
                plan.samples.append({"change": "remove", "key": key_text(key)})

    def code_known(self, entity: str, code: str) -> str:
        """The code as it is stored: earlier rows may hold spaces and letters that only look the same."""
        known = self.keys.of(entity)
        if code in known:
            return code
        if entity not in self._plain_codes:
            self._plain_codes[entity] = {text_plain(each): each for each in known if not each.isascii()}
        return self._plain_codes[entity].get(code, code)

    def likenesses_warn(self, entity: str) -> None:
        """Point out new codes that differ from another only by case, or look like it."""
        if not issubclass(ENTITIES[entity].model, OrganizationRow) or entity not in self.plans:
            return
        by_look: dict[str, list[str]] = defaultdict(list)
        for code in self.keys.of(entity):
            for look in _looks(code):
                by_look[look].append(code)
        rows = self.seen[entity].rows
        for code, _ in self.plans[entity].adds:
            _, number, row = rows[code]
            for other in sorted({other for look in _looks(code) for other in by_look[look]} - {code}):
                if not {(other, code), (code, other)} & self._pointed:
                    self._pointed.add((code, other))
                    if number_of(code) and number_of(code) == number_of(other):
                        message = text("code_zeros", code=code, other=other)
                    else:
                        message = text("code_alike", code=code, other=other, difference=difference(code, other))
                    self.problems.warn(self.tables[number], row, "", code, message)

    def codes_named(self, entity: str, name: str) -> list[str]:
        """The codes of those rows, as they will be, that have this name. People write names where codes are required."""
        if entity not in self._named:
            found = self._named[entity] = defaultdict(list)
            if "name" in ENTITIES[entity].plain and ENTITIES[entity].key == ("code",):
                for code, known in self._names(entity).items():
                    found[name_plain(known)].append(code)
        return self._named[entity].get(name_plain(name), []) if name.strip() else []

    def _names(self, entity: str) -> dict[str, str]:
        """By code the names of rows as they will be."""
        index = ENTITIES[entity].fields.index("name")
        plan = self.plans.get(entity, Plan(ENTITIES[entity]))
        names = dict(ENTITIES[entity].rows(self.organization).values_list("code", "name"))
        names |= {key: values[index] for key, values in [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)]}
        return {code: names.get(code) or "" for code in self.keys.of(entity)}

    def people_named(self, entity: str, name: str) -> list[str]:
        """The codes of the people, as they will be, whom this name may mean: order, accents, titles and initials aside."""
        return self._people_of(entity)[0].named(name)

    def person_name(self, entity: str, code: str) -> str:
        """Their name, as it will be; where there is none, the code."""
        return self._people_of(entity)[1][code]

    def _people_of(self, entity: str) -> tuple[PeopleIndex, dict[str, str]]:
        if entity not in self._people:
            names = {code: known or code for code, known in self._names(entity).items()}
            index = PeopleIndex()
            for code, known in names.items():
                index.add(code, known)
            self._people[entity] = index, names
        return self._people[entity]

    def term_usual(self) -> str | None:
        """The term of a row that names none: the current one, or the only one in the files."""
        brought = self.plans.get("terms")
        if brought is not None:
            index = ENTITIES["terms"].fields.index("is_current")
            rows = [*brought.adds, *((key, values) for _, key, values, _ in brought.changes)]
            current = [key for key, values in rows if values[index]]
            named = list(self.seen["terms"].rows)
            if current or len(named) == 1:
                return str(current[-1] if current else named[0])
        terms = Term.objects.filter(organization=self.organization).order_by("-is_current", "-starts_on", "-id")
        return terms.values_list("code", flat=True).first()


def _looks(code: str) -> set[str]:
    """What the code has in common with those that it is easily taken for."""
    number = number_of(code)
    return {f"look {look_of(code)}", f"case {look_of(code.casefold())}", *([f"number {number}"] if number else [])}


def name_plain(name: str) -> str:
    return " ".join(name.casefold().split())


def default_of(entity: Entity, name: str) -> Any:
    """What a new row gets where the files have no such column."""
    column = _column(entity, name)
    if column is not None and column.default is not None:
        return column.default
    attribute = entity.references[name][0] if name in entity.references else name
    stored = entity.model._meta.get_field(attribute)
    return stored.get_default() if isinstance(stored, Field) else None


def _column(entity: Entity, name: str) -> Column | None:
    kind = KINDS.get(entity.name)
    return next((column for column in kind.columns if column.name == name), None) if kind else None


def label_of(entity: Entity, name: str) -> str:
    """A field as people read it."""
    column = _column(entity, name)
    return column.label if column is not None else name.replace("_", " ").capitalize()


def key_text(key: Key) -> str:
    return ", ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def shown(value: Any) -> str:
    """A value as people write it in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        if value and isinstance(value[0], MeetingValue):
            return meetings_text(value)
        return "; ".join(str(part) for part in value)
    return str(value)


def flaw_of(cell: str, column: Column) -> str:
    """The message about a workbook's cell that can't be taken as it stands; empty where it can."""
    if isinstance(cell, Flawed):
        return cell.flaw
    if not isinstance(column.rule, Code | Reference | References):
        return ""
    return "cell_dated" if isinstance(cell, Dated) else "cell_rounded" if isinstance(cell, Rounded) else ""


class RowParser:
    """Cells into values, each different text of a column once: most columns repeat a few codes."""

    def __init__(self, check: Check, mapped: Mapped) -> None:
        assert mapped.kind is not None
        self.check = check
        self.mapped = mapped
        self.columns: list[tuple[int, Column]] = [(index, mapped.kind.column(name)) for index, name in enumerate(mapped.columns) if name]
        self.known: list[dict[str, tuple[Any, tuple[str, str] | None]]] = [{} for _ in self.columns]
        self.replaced = [check.fixes.values.get(mapped.table.key, {}).get(column.name, {}) for _, column in self.columns]
        self.is_joined = [self._is_joined(index, column) for index, column in self.columns]
        self.row = 0

    def _is_joined(self, index: int, column: Column) -> bool:
        """Whether the column names rows by what a database counts them by, not by their codes: all its values are such numbers, and not
        all of them are codes; or it says so in its heading."""
        rule = column.rule
        joins = self.check.joins.get(rule.kind, {}) if isinstance(rule, Reference | References) else {}
        if not joins or not isinstance(rule, Reference | References):
            return False
        table = self.mapped.table
        cells = {cells[index] for _, cells in table.rows if index < len(cells) and cells[index]}
        values = {value for cell in cells for value in (re.split("[;|,]", cell) if isinstance(rule, References) else [cell])}
        values = {value.strip() for value in values}
        if not values <= joins.keys():
            return False
        known = self.check.keys.of(rule.kind)
        if not all(value in known for value in values):
            return True
        is_said = heading_plain(table.headings[index]).split()[-1:] == ["id"]
        if any(joins[value] != value for value in values):
            words = text("join_chosen" if is_said else "code_chosen", kind=rule.kind)
            self.check.problems.warn(self.mapped, 0, column.name, "", words)
        return is_said

    def __call__(self, row: int, cells: Sequence[str]) -> tuple[Cells, bool]:
        """The values by column, and whether all of them are sound."""
        values: Cells = {}
        is_sound = True
        width = len(cells)
        self.row = row
        for (index, column), known, replaced, is_joined in zip(self.columns, self.known, self.replaced, self.is_joined, strict=True):
            cell = cells[index] if index < width else ""
            if replaced and str(cell) in replaced:  # somebody said what is meant, of a flawed cell too
                cell = replaced[str(cell)]
            if type(cell) is not str:
                if flaw := flaw_of(cell, column):
                    is_sound = False
                    self.check.problems.add(self.mapped, row, column.name, str(cell), text(flaw), column.allowed)
                    continue
                cell = str(cell)
            found = known.get(cell)
            if found is None:
                found = known[cell] = self._parsed(column, cell, is_joined)
            value, complaint = found
            if complaint is None:
                values[column.name] = value
            else:
                is_sound = False
                self.check.problems.add(self.mapped, row, column.name, cell, *complaint)
        return values, is_sound

    def _parsed(self, column: Column, cell: str, is_joined: bool) -> tuple[Any, tuple[str, str] | None]:
        if not cell:
            if column.is_required:
                return None, (text("value_missing", label=column.label), column.allowed)
            return column.default, None
        if cell in BROKEN_FORMULAS:
            return None, (text("value_broken"), column.allowed)
        if cell[0] == "'" and cell[1:].startswith(FORMULA_STARTS):
            cell = cell[1:]  # as our own exports write what a spreadsheet would run
        try:
            value: Any = self._value(column, cell)
        except BadValueError as error:
            return None, (Message(str(error) or text("value_bad"), id="value_bad"), column.allowed)
        if isinstance(column.rule, Code) and self.mapped.kind is not None and self._is_coded(self.mapped.kind.name):
            value = self.check.code_known(self.mapped.kind.name, value)
        if isinstance(column.rule, Reference | References):
            return self._resolved(column, value, cell, is_joined)
        return value, None

    def _value(self, column: Column, cell: str) -> Any:
        if isinstance(column.rule, Rating):
            return column.rule.parse_below(self.mapped.heading(column.name), cell)
        return column.rule.parse(cell)

    def _resolved(self, column: Column, value: Any, cell: str, is_joined: bool) -> tuple[Any, tuple[str, str] | None]:
        """Codes that are known; a name that only one row has stands for its code."""
        rule = column.rule
        assert isinstance(rule, Reference | References)
        if rule.kind in self.check.unread:
            return value, None
        known = self.check.keys.of(rule.kind)
        meant = self.check.fixes.meant.get(rule.kind, {})
        codes: list[str] = []
        for code in (value,) if isinstance(value, str) else value:
            code = self.check.code_known(rule.kind, code)
            if code in meant:
                if not meant[code]:
                    continue
                code = self.check.code_known(rule.kind, meant[code])
            named = self._named(column, code, is_joined)
            if not named and isinstance(rule, Place) and code in LABELS:
                return code, None
            if len(named) != 1:
                whole = self.check.codes_named(rule.kind, cell)  # a name such as "Rao, Anand" is one
                if len(whole) != 1 and not named and len(codes) == 0:
                    whole = self._people(column, cell) or whole
                if len(whole) == 1:
                    codes = whole
                    break
                may_be_open = isinstance(rule, Place) or (isinstance(rule, References) and rule.kind in PEOPLE)
                if may_be_open and not named and not whole and is_nobody(code):
                    self.check.problems.warn(self.mapped, self.row, column.name, code, text("person_nobody", name=code))
                    continue
                return value, self._unresolved(rule.kind, code, named or whole, known)
            codes += named
        if not codes and isinstance(value, str):  # it was said to mean nothing
            return self._parsed(column, "", is_joined)
        return (codes[0] if isinstance(value, str) else tuple(dict.fromkeys(codes))), None

    def _is_coded(self, kind: str) -> bool:
        return issubclass(ENTITIES[kind].model, OrganizationRow)

    def _named(self, column: Column, code: str, is_joined: bool) -> list[str]:
        assert isinstance(column.rule, Reference | References)
        kind = column.rule.kind
        joined = self.check.joins.get(kind, {}).get(code)
        if is_joined and joined is not None:
            return [joined]
        if code in self.check.keys.of(kind):
            return [code]
        named = self.check.codes_named(kind, code)
        if not named and joined is not None:
            return [joined]
        return named or self._people(column, code)

    def _people(self, column: Column, name: str) -> list[str]:
        """People whom the name may mean. One alone is taken, and it is said who."""
        assert isinstance(column.rule, Reference | References)
        if column.rule.kind not in PEOPLE:
            return []
        found = self.check.people_named(column.rule.kind, name)
        if len(found) == 1:
            known = self.check.person_name(column.rule.kind, found[0])
            self.check.problems.warn(self.mapped, self.row, column.name, name, text("person_taken", name=name, code=found[0], known=known))
        return found

    def _unresolved(self, kind: str, code: str, named: Sequence[str], known: Any) -> tuple[str, str]:
        if named:
            return text("reference_several", kind=kind, code=code, codes=", ".join(sorted(named)[:5])), text("allowed_codes", kind=kind)
        return self.check.problems.unknown(code, kind=kind, known=known)
