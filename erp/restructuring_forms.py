"""A table that is restructured, as a card of the import's page: what becomes of it, its questions, columns and steps; and their form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any

from django.http import QueryDict

from academics.importing.causes import kind_words
from academics.importing.columns_by_kind import KINDS
from academics.restructuring.derive import DerivedTable
from academics.restructuring.guess import LAYOUTS
from academics.restructuring.questions import Question
from academics.restructuring.roles import ROLES
from academics.restructuring.states import TableState
from academics.restructuring.steps import STEPS, Step, StepPreview

LAYOUT, TIMES_UNREAD = "layout", "times_unread"
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_UNREAD = 6, 6, 50
SAMPLES, LONGEST_SAMPLE, LOOKED_AT = 3, 60, 200
LOOKS_LIKE = {
    "schedule": "This looks like a schedule of classes",
    "rooms": "This looks like a list of rooms",
    "can_teach": "This looks like a list of who can teach what",
    "none": "This is read as one of the kinds below",
}
# What is counted of a kind, where its rows are not what people count.
COUNTED = {"terms": ("period of a day", "periods of a day"), "timetable": ("time in the week", "times in the week")}
STEP_WORDS = {
    "headings": "Say which row has the headings",
    "fill_down": "Fill empty cells from above",
    "join": "Join columns",
    "split": "Split a column",
    "replace": "Replace values",
    "remove_text": "Remove a text from cells",
    "move_values": "Move values into a column of their own",
    "melt": "Make one column of many (an X per feature)",
    "split_rows": "Split several values of a cell into rows",
    "drop_rows": "Leave out rows",
    "drop_columns": "Leave out columns",
    "constant": "Add a column with the same value everywhere",
    "join_cells": "Join cells that are too many",
}
FIELD_WORDS = {
    "row": "Row of the headings (empty: none)",
    "count": "How many rows the headings take",
    "columns": "Columns",
    "column": "Column",
    "within": "Until this column has a new value",
    "separator": "What stands between",
    "separators": "What stands between, one a line",
    "to": "Name of the new column",
    "pattern": "Pattern, such as {letters} {digits}",
    "values": "Values, one a line",
    "texts": "Texts, one a line",
    "into": "Into cell or rows",
    "marks": "What counts as a mark, one a line (empty: anything)",
    "value_to": "Column for what the cell said (may be empty)",
    "is_empty": "Those with nothing in the column",
    "is_repeated": "Those that repeat an earlier row exactly",
    "is_summary": "Those that look like totals, headings of groups or footers",
    "keeps_unmarked": "Keep what has no mark",
    "value": "Value",
}
FIRST_MOVED = 1  # the step of the headings comes before all others
FORM_NAMES = {LAYOUT: "layout-{number}", TIMES_UNREAD: "unread-{number}"}
ONE_COLUMN, MANY_COLUMNS = ("column", "within"), ("columns",)


def card_of(number: int, state: TableState, *, is_adding: str = "", is_open: bool = False) -> dict[str, Any]:
    """What the page shows of a table."""
    layout = next((each for each in state.questions if each.id == LAYOUT), None)
    answers = state.plan.answers
    asked = [(index, each) for index, each in enumerate(state.questions) if each.id not in (LAYOUT, TIMES_UNREAD)]
    questions = [_question(number, index, each, answers) for index, each in asked]
    open_ids = {each.id for each in state.open}
    return {
        "number": number,
        "key": state.key,
        "looks_like": LOOKS_LIKE.get(state.layout, "This looks like nothing that is known"),
        "num_rows": state.previews[0].after["num_rows"] if state.previews else len(state.raw.rows),
        "reasons": state.proposal.reasons,
        "layout": state.layout,
        "layouts": LAYOUTS.items(),
        "is_confirmed": layout is None or LAYOUT in answers,
        "recipe": state.recipe,
        "refusal": state.refusal,
        "derived": [_derived(table) for table in state.tables],
        "notes": state.notes,
        "questions": sorted(questions, key=lambda each: each["id"] not in open_ids),
        "num_open": len(open_ids - {LAYOUT, TIMES_UNREAD}),
        "unread": _unread(number, state),
        "columns": _columns(number, state),
        "roles": list(ROLES.values()),
        "steps": _steps(number, state),
        "adding": _adding(number, state, is_adding),
        "can_add": [(name, words) for name, words in STEP_WORDS.items() if name in STEPS],
        "is_open": is_open or bool(is_adding),
        "is_changed": state.plan.steps is not None or state.plan.roles is not None,
    }


def _derived(table: DerivedTable) -> dict[str, Any]:
    kind = KINDS[table.kind]
    count = len(table.rows)
    one, many = COUNTED.get(table.kind, ("", ""))
    return {
        "kind": table.kind,
        "words": f"{count:,} {one if count == 1 else many}" if one else kind_words(table.kind, count),
        "labels": [kind.column(name).label for name in table.columns],
        "rows": [cells[: len(table.columns)] for _, cells in table.rows[:SHOWN_ROWS]],
        "num_more": max(0, count - SHOWN_ROWS),
    }


def _question(number: int, index: int, question: Question, answers: Mapping[str, str]) -> dict[str, Any]:
    chosen = question.answer(answers)
    return {
        "id": question.id,
        "name": f"q-{number}-{index}",
        "text": question.text,
        "choices": question.choices,
        "is_long": len(question.choices) > 6,
        "num_rows": question.num_rows,
        "rows": question.rows,
        "examples": question.examples if question.choices else (),
        "chosen": chosen or "",
        "is_answered": question.id in answers,
        "is_needed": question.default is None and not chosen,
        "allowed": question.allowed,
    }


def _unread(number: int, state: TableState) -> list[dict[str, Any]]:
    """Ways of writing days and times that are not understood, and those that were taught."""
    taught = state.plan.vocabulary.get("taught", {})
    found = [{"text": text, "count": count, "means": "", "is_taught": False} for text, count in state.unread[:SHOWN_UNREAD]]
    found += [{"text": text, "count": 0, "means": means, "is_taught": True} for text, means in taught.items()]
    return [each | {"name": f"taught-{number}-{index}"} for index, each in enumerate(found)]


def _columns(number: int, state: TableState) -> list[dict[str, Any]]:
    """The columns after all steps, each with its role; none where the steps can't be done."""
    shown = []
    for index, name in enumerate(() if state.refusal else state.frame.names):
        cells = (cells[index] for _, cells in state.frame.rows[:LOOKED_AT] if index < len(cells) and cells[index])
        samples = [str(cell)[:LONGEST_SAMPLE] for cell in list(dict.fromkeys(cells))[:SAMPLES]]
        role = state.roles.get(name, "")
        shown.append({"name": f"role-{number}-{index}", "column": name, "role": role, "samples": samples})
    return shown


def _step(number: int, place: int, preview: StepPreview) -> dict[str, Any]:
    document = preview.step.document()
    named = [document["column"]] if document.get("column") else document.get("columns", [])
    before, after = _changed(preview.before, preview.after, named=named)
    return {
        "place": place,
        "name": preview.step.name,
        "sentence": preview.sentence,
        "num_rows": preview.num_rows,
        "sides": [(words, side) for words, side in (("Before", before), ("After", after)) if side["columns"]],
        "fields": _fields(f"s-{number}-{place}", type(preview.step), preview.step, preview.before["columns"]),
    }


def _steps(number: int, state: TableState) -> list[dict[str, Any]]:
    """All steps, also the one that can't be done and those behind it: these are what has to be changed."""
    shown = [_step(number, place, preview) for place, preview in enumerate(state.previews)]
    columns = state.previews[-1].after["columns"] if state.previews else []
    for place, step in list(enumerate(state.steps))[len(shown) :]:
        words = STEP_WORDS.get(step.name, step.name)
        is_first = place == len(state.previews)
        shown.append(
            {
                "place": place,
                "name": step.name,
                "sentence": f"{words}: can't be done." if is_first else f"{words}: not reached.",
                "is_undone": True,
                "num_rows": 0,
                "sides": [],
                "fields": _fields(f"s-{number}-{place}", type(step), step, columns),
            }
        )
    last = len(shown) - 1
    for place, each in enumerate(shown):
        each["can_go_up"], each["can_go_down"] = place > FIRST_MOVED, FIRST_MOVED <= place < last
    return shown


def _adding(number: int, state: TableState, name: str) -> dict[str, Any] | None:
    if name not in STEPS:
        return None
    return {"name": name, "words": STEP_WORDS.get(name, name), "fields": _fields(f"n-{number}", STEPS[name], None, state.frame.names)}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], *, named: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first rows before and after a step, in the columns that it names and those that it changes."""
    first, then = before["columns"], after["columns"]
    same = [row["cells"] for row in before["rows"]], [row["cells"] for row in after["rows"]]

    def differs(name: str) -> bool:
        if name in named or name not in first or name not in then:
            return True
        return [cells[first.index(name)] for cells in same[0]] != [cells[then.index(name)] for cells in same[1]]

    names = [name for name in (*first, *(each for each in then if each not in first)) if differs(name)]
    names = names or list(first or then)
    return _narrowed(before, [name for name in names if name in first]), _narrowed(after, [name for name in names if name in then])


def _narrowed(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Some columns of a preview."""
    shown = list(names)[:SHOWN_COLUMNS]
    places = [document["columns"].index(name) for name in shown]
    return {
        "columns": shown,
        "rows": [(row["row"], [row["cells"][place] for place in places]) for row in document["rows"]],
        "num_more": max(0, len(names) - SHOWN_COLUMNS),
    }


def _fields(prefix: str, kind: type[Step], step: Step | None, columns: Sequence[str]) -> list[dict[str, Any]]:
    return [_field(prefix, each, step, columns) for each in fields(kind)]


def _field(prefix: str, field: Field[Any], step: Step | None, columns: Sequence[str]) -> dict[str, Any]:
    value = getattr(step, field.name) if step is not None else (None if field.default is MISSING else field.default)
    shown: Any = "" if value is None else value
    form = "text"
    if field.name in MANY_COLUMNS:
        form, shown = "columns", list(value or ())
    elif field.name in ONE_COLUMN:
        form = "column"
    elif isinstance(value, bool):
        form = "truth"
    elif str(field.type) == "Mapping[str, str]":
        form, shown = "lines", "\n".join(f"{key} = {meant}" for key, meant in (value or {}).items())
    elif str(field.type).startswith("tuple"):
        form, shown = "lines", "\n".join(value or ())
    return {
        "name": f"{prefix}-{field.name}",
        "label": FIELD_WORDS.get(field.name, field.name),
        "form": form,
        "value": shown,
        "columns": [each for each in columns if each],
        "may_be_empty": field.default is not MISSING,
    }


# What a form says.


def step_taken(form: QueryDict, prefix: str, kind: type[Step]) -> dict[str, Any]:
    """The document of a step, as its fields were filled in."""
    document: dict[str, Any] = {"step": kind.name}
    for field in fields(kind):
        name = f"{prefix}-{field.name}"
        text, declared = form.get(name, ""), str(field.type)
        if field.name in MANY_COLUMNS:
            document[field.name] = form.getlist(name)
        elif declared == "bool":
            document[field.name] = name in form
        elif declared in ("int", "int | None"):
            number = text.strip()
            document[field.name] = int(number) if number.isdecimal() and len(number) < 8 else None
        elif declared == "Mapping[str, str]":
            pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
            document[field.name] = {key.strip(): meant.strip() for key, _, meant in pairs}
        elif declared.startswith("tuple"):
            document[field.name] = [line if "separator" in field.name else line.strip() for line in text.splitlines() if line]
        else:
            document[field.name] = text
    return document


def changes_taken(form: QueryDict, number: int, state: TableState) -> dict[str, Any]:
    """What a form says otherwise than the table is read now: answers, roles and words that are taught."""
    changes: dict[str, Any] = {}
    answers = {}
    for index, question in enumerate(state.questions):
        given = form.get(FORM_NAMES.get(question.id, "q-{number}-{index}").format(number=number, index=index))
        if given is None or (question.id != LAYOUT and given == question.default and question.id not in state.plan.answers):
            continue
        if given != state.plan.answers.get(question.id, ""):
            answers[question.id] = given
    if answers:
        changes["answers"] = answers
    roles = {}
    for column in _columns(number, state):
        role = form.get(column["name"], column["role"])
        roles[column["column"]] = role if role in ROLES else ""
    kept = {name: role for name, role in roles.items() if role}
    if kept != {name: role for name, role in state.roles.items() if role}:
        changes["roles"] = kept
    taught = {}
    for each in _unread(number, state):
        means = form.get(each["name"], "").strip()
        if means:
            taught[each["text"]] = means
    if taught != dict(state.plan.vocabulary.get("taught", {})):
        changes["vocabulary"] = {**state.plan.vocabulary, "taught": taught}
    return changes


def steps_edited(form: QueryDict, number: int, state: TableState, action: str, place: int) -> list[dict[str, Any]]:
    """The documents of the steps after one of them was removed, changed, moved up or down, or added."""
    documents = [step.document() for step in state.steps]
    if action == "add":
        kind = STEPS.get(form.get(f"new-{number}", ""))
        return documents if kind is None else [*documents, step_taken(form, f"n-{number}", kind)]
    if not 0 <= place < len(documents):
        return documents
    if action == "remove":
        return [*documents[:place], *documents[place + 1 :]]
    other = place + {"up": -1, "down": 1}.get(action, 0)
    if other != place:
        if min(place, other) >= FIRST_MOVED and other < len(documents):
            documents[other], documents[place] = documents[place], documents[other]
        return documents
    if action == "change":
        documents[place] = step_taken(form, f"s-{number}-{place}", STEPS[documents[place]["step"]])
    return documents
