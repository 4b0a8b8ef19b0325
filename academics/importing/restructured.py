"""Restructuring inside an import: raw tables, recipes and answers in; tables of the kinds that can be imported out.

For pages, REST and the terminal alike: `restructuring_of` says how each table of a batch is read now, with its steps, roles, questions and
previews; `restructuring_change` gives answers, steps or roles; recipes are saved by the shape of a table and used at once the next time.
What comes out goes through the one check, preview, import and undo.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from academics.importing.columns_by_kind import EXPLAINED, KINDS, TIMETABLE
from academics.importing.field_owners import FieldOwners, digests_unpacked
from academics.importing.mapping import Mapped, Remembered, kind_guess
from academics.importing.messages import ImportConflict, ImportRefusal, QuestionsOpen, UnknownImport
from academics.importing.tables import Table, tables_read
from academics.models import (
    Building,
    Course,
    Curriculum,
    Department,
    ImportBatch,
    ImportMapping,
    ImportRecipe,
    Instructor,
    Organization,
    Period,
    Room,
    StudentGroup,
    Term,
)
from academics.plain_text import json_is_storable
from academics.restructuring.derive import DerivedTable, Known
from academics.restructuring.frames import MOST_CELLS, MOST_ROWS, Frame, RestructuringRefusal
from academics.restructuring.guess import NONE, Guesser
from academics.restructuring.roles import HOURS, roles_by_heading
from academics.restructuring.schedules import Grid, says_when
from academics.restructuring.states import TablePlan, TableState, plan_read, shape_of_table, table_state
from academics.restructuring.steps import Melt
from academics.selectors import weeks_of_term
from academics.term_weeks import TermWeeks
from academics.weekly_times.fitting import GridPeriod

MOST_LOOKED_AT = 20_000  # rows of a table, for a page: a check reads all of them
MOST_RECIPES = 200
WITH_CODES = frozenset(("departments", "buildings", "rooms", "instructors", "curricula", "groups"))  # made of names, the same in each table
OF_CLASSES = frozenset(("instructor", "section", "section_key", "enrolled", "days", "times", "start", "curriculum", "hours"))
NAMED = {
    "departments": Department,
    "buildings": Building,
    "rooms": Room,
    "instructors": Instructor,
    "courses": Course,
    "curricula": Curriculum,
    "groups": StudentGroup,
}


@dataclass(frozen=True)
class Restructuring:
    """How the tables of a batch are read now: those that are restructured, or could be."""

    tables: tuple[TableState, ...]

    @property
    def open(self) -> dict[str, list[Any]]:
        """By table the questions that have to be answered first."""
        return {state.key: state.open for state in self.tables if state.open}

    def table(self, key: str) -> TableState:
        found = next((state for state in self.tables if state.key == key), None)
        if found is None:
            known = ", ".join(state.key for state in self.tables)
            raise ImportRefusal("restructuring_table", field="table", name=key[:100], known=known or "-")
        return found

    def document(self) -> dict[str, Any]:
        return {"tables": [state.document() for state in self.tables], "recipe": recipe_of(self.tables)}


def restructuring_of(batch: ImportBatch, *, most: int | None = MOST_LOOKED_AT) -> Restructuring:
    """How the batch's tables are read now. Reads the files, and codes and names of the institution; at most ``most`` rows of a table."""
    remembered = dict(ImportMapping.objects.filter(organization=batch.organization).values_list("kind", "columns"))
    return Restructuring(tuple(state for _, state in _states(batch, _tables(batch, most), remembered) if state is not None))


def restructuring_change(
    *, batch: ImportBatch, table: str, answers: Mapping[str, Any] | None = None, is_afresh: bool = False, **parts: Any
) -> Restructuring:
    """Give answers, or change ``steps``, ``roles``, ``vocabulary`` or ``owners`` of a table; None of steps or roles: as proposed.

    Answers are added to those that are there; an empty one is taken back. Only before the import, which has to be checked again. Raises
    `ImportRefusal` and `RestructuringRefusal`.
    """
    table_change(batch=batch, state=restructuring_of(batch).table(table), answers=answers, is_afresh=is_afresh, **parts)
    return restructuring_of(batch)


def table_change(
    *, batch: ImportBatch, state: TableState, answers: Mapping[str, Any] | None = None, is_afresh: bool = False, **parts: Any
) -> None:
    """As `restructuring_change`, of a table that was read already: large ones take long."""
    document = {} if is_afresh else state.plan.document()
    document |= {name: value for name, value in parts.items() if value is not None or name in ("steps", "roles")}
    if answers is not None:
        if not isinstance(answers, Mapping):
            raise RestructuringRefusal("document_shape", field="answers", why="'answers' is not an object of questions and answers")
        merged = {**document.get("answers", {}), **answers}
        document["answers"] = {key: value for key, value in merged.items() if value not in ("", None)}
    plan = plan_read(document)
    changed = _state(batch, state.raw, state.key, plan, known_of(batch.organization), recipe=state.recipe)
    _match(changed)
    _store(batch, {state.key: plan})


def layout_possible(table: Table) -> str:
    """What a table that is read as one kind might be beside, where steps or hours would use more of it; empty where there is nothing."""
    proposal = Guesser(raw_of(table), {}, says_when).propose()
    uses_more = any(isinstance(step, Melt) for step in proposal.steps) or any(role in HOURS for role in proposal.roles.values())
    return proposal.layout if uses_more else ""


def restructuring_begin(*, batch: ImportBatch, table: str, layout: str) -> None:
    """Restructure a table that was read as one of a kind so far. Raises `ImportRefusal` and `RestructuringRefusal`."""
    _store(batch, {table: plan_read({"answers": {"layout": layout}})})


def _match(state: TableState) -> None:
    if state.refusal:
        raise RestructuringRefusal(text=state.refusal, field="steps")


def _store(batch: ImportBatch, plans: Mapping[str, TablePlan], *, recipe: str = "") -> None:
    """A guarded update: only before the import, and what was checked has to be checked again."""
    status = ImportBatch.Status
    with transaction.atomic():
        row = ImportBatch.objects.select_for_update().filter(pk=batch.pk, status__in=(status.UPLOADED, status.CHECKED)).first()
        if row is None:
            batch.refresh_from_db(fields=["status"])
            raise ImportConflict("batch_state", status=batch.get_status_display().lower(), action="changed")
        tables = dict(row.restructuring.get("tables", {})) | {key: plan.document() for key, plan in plans.items()}
        batch.restructuring = {**row.restructuring, "tables": tables, **({"recipe": recipe} if recipe else {})}
        batch.status, batch.error = status.UPLOADED, ""
        ImportBatch.objects.filter(pk=batch.pk).update(restructuring=batch.restructuring, status=batch.status, error="")


# Recipes.


def recipes_of(organization: Organization) -> list[ImportRecipe]:
    return list(ImportRecipe.objects.filter(organization=organization).defer("left").order_by("name")[:MOST_RECIPES])


def recipe_of(states: Iterable[TableState]) -> dict[str, Any]:
    """What reads such tables the same way again, in the form in which it can be given back."""
    return {"tables": [state.recipe_document() for state in states if state.layout]}


def recipe_read(document: Any) -> list[tuple[dict[str, str], TablePlan]]:
    """The plans of a recipe, each with what it is for: a ``shape``, a ``table`` by name, or neither. Raises `RestructuringRefusal`."""

    def refuse(why: str) -> RestructuringRefusal:
        return RestructuringRefusal("document_shape", field="recipe", why=why)

    if not isinstance(document, Mapping):
        raise refuse("it is not an object")
    tables = document.get("tables")
    if tables is None:
        tables = [{name: value for name, value in document.items() if name != "name"}]
    if not isinstance(tables, list) or not 1 <= len(tables) <= 50 or not all(isinstance(each, Mapping) for each in tables):
        raise refuse("'tables' is not a list of 1 to 50 objects")
    found = []
    for place, each in enumerate(tables, 1):
        target = {name: each[name] for name in ("shape", "table") if name in each}
        if any(not isinstance(value, str) or len(value) > 20_000 or not json_is_storable(value) for value in target.values()):
            raise refuse("'shape' and 'table' are texts")
        try:
            plan = plan_read({name: value for name, value in each.items() if name not in target})
            _owners_check(plan)
        except RestructuringRefusal as error:
            if len(tables) == 1:
                raise
            raise RestructuringRefusal(text=f"Table {place} of the recipe. {error}", field=error.field) from None
        found.append((target, plan))
    return found


def _owners_check(plan: TablePlan) -> None:
    for kind, fields in plan.owners.items():
        columns = [column.name for column in KINDS[kind].columns] if kind in KINDS else []
        strange = [name for name in fields if name not in columns]
        if kind not in KINDS or strange:
            known = ", ".join(columns or KINDS)
            why = (
                f"'owners': {kind!r} has no column {strange[0]!r}; it has {known}"
                if columns
                else f"'owners': there is no kind {kind!r}; there are {known}"
            )
            raise RestructuringRefusal("document_shape", field="owners", why=why)


def recipe_save(*, organization: Organization, name: str, document: Any) -> ImportRecipe:
    """Keep a recipe under its name, in place of an earlier one. Raises `RestructuringRefusal`."""
    plans = recipe_read(document)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not json_is_storable(name):
        raise RestructuringRefusal("document_shape", field="name", why="the name of a recipe has 1 to 80 characters")
    tables = [target | plan.document() for target, plan in plans]
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        is_new = not ImportRecipe.objects.filter(organization=organization, name=name).exists()
        if is_new and ImportRecipe.objects.filter(organization=organization).count() >= MOST_RECIPES:
            raise RestructuringRefusal("document_shape", field="name", why=f"there are {MOST_RECIPES} recipes already; delete one first")
        recipe, _ = ImportRecipe.objects.update_or_create(organization=organization, name=name, defaults={"tables": tables})
    return recipe


def recipe_get(*, organization: Organization, name: str) -> ImportRecipe:
    found = ImportRecipe.objects.filter(organization=organization, name=name).defer("left").first()
    if found is None:
        known = ", ".join(ImportRecipe.objects.filter(organization=organization).order_by("name").values_list("name", flat=True)[:20])
        raise UnknownImport("recipe_unknown", field="recipe", name=name[:80], known=known or "none yet")
    return found


def recipe_use(*, batch: ImportBatch, document: Any, name: str = "") -> None:
    """Read the batch's tables by a recipe; each part goes to the tables of its name or shape, or to all. Raises `ImportRefusal`.

    A run of a recipe that is saved under ``name`` leaves alone what was edited by hand since its last run.
    """
    plans = recipe_read(document)
    chosen: dict[str, TablePlan] = {}
    unused = []
    tables = _tables(batch, MOST_LOOKED_AT)
    for target, plan in plans:
        fits = [table.key for table in tables if _fits(table, target, plan)]
        if not fits:
            unused.append(target.get("table") or target.get("shape", "")[:200])
        chosen |= dict.fromkeys(fits, plan)
    if len(unused) == len(plans):
        raise ImportRefusal("recipe_fits_none", field="recipe", shapes="; ".join(unused)[:400])
    _store(batch, chosen, recipe=name)


def owners_of(batch: ImportBatch) -> FieldOwners | None:
    """Whose fields are, where the batch is a run of a saved recipe."""
    recipe = ImportRecipe.objects.filter(organization=batch.organization, name=batch.restructuring.get("recipe", "")).first()
    if recipe is None:
        return None
    owners: dict[str, dict[str, str]] = {}
    for table in recipe.tables:
        for kind, fields in table.get("owners", {}).items():
            owners.setdefault(kind, {}).update(fields)
    return FieldOwners(owners, digests_unpacked(recipe.left))


def owners_remember(batch: ImportBatch, owners: FieldOwners | None) -> None:
    """What this run of a recipe leaves behind, for the next one. Inside the transaction of the import."""
    if owners is not None:
        ImportRecipe.objects.filter(organization=batch.organization, name=batch.restructuring["recipe"]).update(left=owners.packed)


def recipe_apply(batch: ImportBatch, recipe: Any) -> None:
    """Read the batch by a recipe: the name of a saved one, or its document."""
    if recipe is not None:
        document = {"tables": recipe_get(organization=batch.organization, name=recipe).tables} if isinstance(recipe, str) else recipe
        recipe_use(batch=batch, document=document, name=recipe if isinstance(recipe, str) else "")


def _fits(table: Table, target: Mapping[str, str], plan: TablePlan) -> bool:
    if "table" in target and target["table"] not in (table.key, table.file, table.sheet):
        return False
    return "shape" not in target or shape_of_table(raw_of(table), plan.steps or ()) == target["shape"]


def recipe_remember(batch: ImportBatch, states: Iterable[TableState]) -> None:
    """Keep how each table was read that somebody decided about, by its shape: the next one is read the same way at once."""
    for state in states:
        if not state.is_restructured or state.open or state.refusal or state.key not in batch.restructuring.get("tables", {}):
            continue
        document = state.recipe_document()
        earlier = _recipe_of_shape(batch.organization, state.raw)
        if earlier is not None:
            recipe, place = earlier
            tables = [*recipe.tables[:place], document, *recipe.tables[place + 1 :]]
            if tables != recipe.tables:
                ImportRecipe.objects.filter(pk=recipe.pk).update(tables=tables)
            continue
        name, number = state.key[:70], 1
        while ImportRecipe.objects.filter(organization=batch.organization, name=name).exists():
            number += 1
            name = f"{state.key[:70]} {number}"
        if ImportRecipe.objects.filter(organization=batch.organization).count() < MOST_RECIPES:
            ImportRecipe.objects.create(organization=batch.organization, name=name, tables=[document])


def _recipe_of_shape(organization: Organization, raw: Frame) -> tuple[ImportRecipe, int] | None:
    shapes: dict[Any, str] = {}
    for recipe in recipes_of(organization):
        for place, table in enumerate(recipe.tables):
            if "shape" not in table:
                continue
            first = tuple(plan_read({"steps": (table.get("steps") or [])[:1]}).steps or ())
            if first not in shapes:
                shapes[first] = shape_of_table(raw, first)
            if shapes[first] == table["shape"]:
                return recipe, place
    return None


# Tables.


def _tables(batch: ImportBatch, most: int | None) -> list[Table]:
    return [
        table
        for file in (() if batch.file_format else batch.files.all())
        for table in tables_read(
            file=file.name,
            data=zlib.decompress(file.data),
            most=most,
            encoding=batch.choices.get(file.name, {}).get("encoding", ""),
            is_asking=True,
        )
        if table.headings
    ]


def raw_of(table: Table) -> Frame:
    """Every row of the table as it stands in the file, headings and what is above them included."""
    above = tuple(row for row in table.first if row[0] <= table.headings_row)
    return Frame((), (*above, *table.rows))


def known_of(organization: Organization) -> Known:
    """What the institution has: codes, names, and the grid of the current term."""
    names = {
        kind: dict(model._default_manager.filter(organization=organization).values_list("code", "name")) for kind, model in NAMED.items()
    }
    term = Term.objects.filter(organization=organization).order_by("-is_current", "-starts_on", "-id").first()
    grid = None
    if term is not None:
        spans = Period.objects.filter(term=term).order_by("index").values_list("starts_at", "ends_at")
        periods = tuple(GridPeriod(start, end) for start, end in spans)
        grid = Grid(periods, term.num_days) if periods else None
    named = () if term is None else tuple(filter(None, (term.code, term.name)))
    emails = dict(Instructor.objects.filter(organization=organization).exclude(email="").values_list("code", "email"))
    weeks = TermWeeks() if term is None else weeks_of_term(term)
    return Known(names, grid, term is not None, frozenset(KINDS), named, emails, weeks=weeks)


def _states(batch: ImportBatch, tables: Sequence[Table], remembered: Remembered) -> list[tuple[Table, TableState | None]]:
    """Each table with its state; None where it is read as a table of one kind, and nothing else was ever said."""
    known = functools.cache(lambda: known_of(batch.organization))
    found: list[tuple[Table, TableState | None]] = []
    kinds = {table.key: kind_guess(table, remembered).name for table in tables}
    has_courses = bool({"courses", "offerings"} & set(kinds.values()))
    for table in tables:
        plan, recipe = _plan_of(batch, table)
        choice = batch.choices.get(table.key, {})
        is_plain = plan is None and ("kind" in choice or (not table.encoding and bool(table.candidates)))
        if (
            is_plain
            or table.sheet == EXPLAINED
            or (
                plan is None
                and _is_clear(table, kinds[table.key])
                and not (kinds[table.key] == TIMETABLE and not has_courses and _is_new(table, known()))
            )
        ):
            found.append((table, None))
            continue
        raw = raw_of(table)
        if len(raw.rows) > MOST_ROWS or sum(len(cells) for _, cells in raw.rows) > MOST_CELLS:
            found.append((table, None))  # too large for steps; it is read as a stream
            continue
        if plan is None:
            plan = _plan_of_another(batch, raw, [state for _, state in found if state is not None])
        state = _state(batch, raw, table.key, plan or TablePlan(), known(), recipe=recipe)
        found.append((table, state if state.layout or plan is not None else None))
    return _states_together(batch, found, known)


def _plan_of_another(batch: ImportBatch, raw: Frame, states: Sequence[TableState]) -> TablePlan | None:
    """What was decided of an earlier table of the import with the same headings: sheets of one workbook are read alike."""
    for state in states:
        if state.key in batch.restructuring.get("tables", {}) and state.shape == shape_of_table(raw, state.steps[:1]):
            return state.plan
    return None


def _states_together(
    batch: ImportBatch, found: list[tuple[Table, TableState | None]], known: Callable[[], Known]
) -> list[tuple[Table, TableState | None]]:
    """Where several tables of an import are restructured: with one grid for all, and each with what those before it bring."""
    if sum(state is not None and state.is_restructured and bool(state.tables) for _, state in found) < 2:
        return found
    is_gridless = known().grid is None
    names = {kind: dict(codes) for kind, codes in known().names.items()}
    emails = dict(known().emails)
    grid: set[tuple[str, ...]] = set()
    together: list[tuple[Table, TableState | None]] = []
    for place, (table, state) in enumerate(found):
        if state is None or not state.is_restructured:
            together.append((table, state))
            continue
        others = [each.readings for at, (_, each) in enumerate(found) if at != place and each is not None] if is_gridless else []
        with_others = replace(known(), names=names, emails=emails, readings=tuple(reading for each in others for reading in each))
        again = _state(batch, state.raw, table.key, state.plan, with_others, recipe=state.recipe)
        periods = next(({cells for _, cells in derived.rows} for derived in again.tables if derived.kind == "terms"), set())
        if periods and periods == grid:  # the same grid of the same term, once
            again = replace(again, tables=tuple(derived for derived in again.tables if derived.kind != "terms"))
        grid = grid or periods
        together.append((table, again))
        for derived in again.tables:
            if derived.kind in WITH_CODES:
                places = {name: derived.columns.index(name) for name in ("code", "name", "email") if name in derived.columns}
                of_kind = dict(names.get(derived.kind, {}))
                names = names | {derived.kind: of_kind}
                for _, cells in derived.rows:
                    code = cells[places["code"]]
                    of_kind[code] = cells[places["name"]] if "name" in places else ""
                    if derived.kind == "instructors" and "email" in places and cells[places["email"]]:
                        emails[code] = cells[places["email"]]
    return together


def _is_clear(table: Table, kind: str) -> bool:
    """Whether the table is plainly of one kind as it stands."""
    # A timetable goes by course and section: where the table tells lectures from labs of the same number besides, these two do not suffice.
    tells_apart = kind == TIMETABLE and "kind" in roles_by_heading(table.headings).values()
    # Numbers of students are of groups only where no courses stand beside them.
    roles = set(roles_by_heading(table.headings).values())
    is_of_courses = kind == "groups" and "course" in roles
    # Nor are rooms, where people teach courses in them.
    is_of_courses |= kind in WITH_CODES and "course" in roles and len(roles & OF_CLASSES) > 1
    return bool(kind) and not tells_apart and not is_of_courses


def _is_new(table: Table, known: Known) -> bool:
    """Whether a timetable is of courses that the data mostly lack: it says what there is, and not only when it is held."""
    by_role = {role: name for name, role in roles_by_heading(table.headings).items()}
    is_alone = not {"number", "title"} & by_role.keys()  # a school's subject is its course
    course = by_role.get("course", by_role.get("subject", "") if is_alone else "")
    if not course:
        return False
    place = table.headings.index(course)
    codes = {cells[place].strip() for _, cells in table.rows if place < len(cells)} - {""}
    return bool(codes) and 2 * len(codes & set(known.of("courses"))) < len(codes)


def _plan_of(batch: ImportBatch, table: Table) -> tuple[TablePlan | None, str]:
    """What was decided of the table, or what a recipe says of its shape."""
    document = batch.restructuring.get("tables", {}).get(table.key)
    if document is not None:
        return plan_read(document), ""
    if "kind" in batch.choices.get(table.key, {}):
        return None, ""
    saved = _recipe_of_shape(batch.organization, raw_of(table))
    if saved is None:
        return None, ""
    recipe, place = saved
    return plan_read({name: value for name, value in recipe.tables[place].items() if name not in ("shape", "table")}), recipe.name


def _state(batch: ImportBatch, raw: Frame, key: str, plan: TablePlan, known: Known, *, recipe: str) -> TableState:
    return table_state(key=key, raw=raw, plan=plan, known=known, recipe=recipe)


def tables_restructured(
    batch: ImportBatch, tables: Sequence[Table], remembered: Remembered
) -> list[tuple[Table, TableState | None, list[Mapped]]]:
    """Each table with what comes out of it; nothing, where it is read as a table of one kind."""
    found = []
    for table, state in _states(batch, tables, remembered):
        mapped = [table_derived(table, each) for each in state.tables] if state is not None and state.is_restructured else []
        if mapped and state is not None:
            first = mapped[0].table
            unused = tuple(heading for heading, _ in state.unused)
            mapped[0] = replace(mapped[0], table=replace(first, notes=(*first.notes, *state.notes)), unused=unused)
        found.append((table, state, mapped))
    return found


def table_derived(table: Table, derived: DerivedTable) -> Mapped:
    """A derived table as one of its kind, which still names the file, the rows and the headings that it came from."""
    made = Table(
        table.file, table.sheet, table.headings_row, derived.headings, list(derived.rows), (), table.encoding, (), (), derived.kind
    )
    return Mapped(made, KINDS[derived.kind], derived.columns)


def questions_check(states: Iterable[TableState | None], kinds: Mapping[str, Sequence[str]]) -> None:
    """Raises `QuestionsOpen` where a table has questions that nobody answered, and `ImportRefusal` where its steps can't be done."""
    unanswered: dict[str, list[dict[str, Any]]] = {}
    for state in states:
        if state is None or not state.layout or state.layout == NONE:
            continue
        if state.refusal and ("layout" in state.plan.answers or state.plan.steps is not None or state.plan.roles is not None):
            raise ImportRefusal("restructuring_failed", field="recipe", table=state.key, why=state.refusal)
        if state.open:
            unanswered[state.key] = [question.document(state.plan.answers) for question in state.open]
    if unanswered:
        raise QuestionsOpen(unanswered, {table: names for table, names in kinds.items() if names})
