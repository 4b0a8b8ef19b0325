"""The pages of imports: give files, say what each column is, look at the check, import, undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from academics.importing import batches
from academics.importing.api import upload_is_too_large
from academics.importing.causes import cause_find, kind_words
from academics.importing.columns_by_kind import KINDS, TIMETABLE
from academics.importing.encodings import ENCODINGS
from academics.importing.entities import ENTITIES, codes_listed
from academics.importing.fixes import DECISIONS, fixes_check
from academics.importing.institutions import ALLOW_UNSUPPORTED, AS_TERM, FURTHER_TERM, INSTITUTION, REPLACE, RULES, institution_decide
from academics.importing.lifecycle import progress_of
from academics.importing.mapping import LEFT_OUT, Mapped
from academics.importing.messages import ImportRefusal, text
from academics.importing.queue import batch_start
from academics.importing.restructured import layout_possible, restructuring_begin, restructuring_of, table_change
from academics.importing.tables import Table
from academics.models import ImportBatch
from academics.placements import PINS, WISHES
from academics.restructuring.frames import RestructuringRefusal
from academics.restructuring.guess import LAYOUTS, NONE
from academics.restructuring.states import TableState
from academics.selectors import organizations_visible
from erp.restructuring_forms import LAYOUT, card_of, changes_taken, steps_edited
from generation.web.guards import organization_current, role_page

Status = ImportBatch.Status
PROBLEMS_PER_PAGE = 50
ROWS_OF_A_CAUSE = 10
VALUES_NAMED, VALUES_TO_CHOOSE = 12, 30
CODES_PROPOSED = 500
EARLIER_SHOWN = 20
LOOKED_AT = 500  # rows of a table, to see what it might be
LAYOUT_PREFIX = "layout:"  # of a table that is to be restructured, instead of its kind
UNDECIDED = "?"  # of a table that could be of several kinds, until somebody has said of which
TIMETABLE_USES = {
    PINS: "Fix its lectures to their times and rooms, as rules; those that would break a rule are left free",
    WISHES: "Wish for its times and rooms: weighted rules for the times of each offering, and room preferences",
}
TITLES = {name: entity.title for name, entity in ENTITIES.items()} | {TIMETABLE: KINDS[TIMETABLE].title, RULES: "Rules"}
TEMPLATES = {
    Status.UPLOADED: "academics/import_columns.html",
    Status.CHECKED: "academics/import_checked.html",
    Status.IMPORTED: "academics/import_done.html",
    Status.UNDONE: "academics/import_done.html",
}


@csrf_exempt  # only until the length is known; `_imports` is protected
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """An upload that is too large is refused before any of it is read, the form's token included."""
    if request.method == "POST" and upload_is_too_large(request.META.get("CONTENT_LENGTH")):
        return render(request, "academics/import_too_large.html", {"most": settings.IMPORT_MAX_MB}, status=413)
    return _imports(request)


@csrf_protect
@role_page
def _imports(request: HttpRequest) -> HttpResponse:
    organization = organization_current(request)
    assert organization is not None  # the page is for administrators of it
    error = ""
    if request.method == "POST":
        uploads = request.FILES.getlist("files")
        try:
            batches.upload_sizes_check([(upload.name or "", upload.size or 0) for upload in uploads])
            files = [(batches.file_name(upload.name or ""), upload.read()) for upload in uploads]
            batch = batches.batch_create(organization=organization, user=cast(User, request.user), files=files)
            if batch.file_format:  # there are no columns to choose
                return _institution_check(batch)
            _propose(batch)
            return redirect("import-page", batch_id=batch.pk)
        except ImportRefusal as refusal:
            error = str(refusal)
    earlier = batches.batches_listed().filter(organization=organization).select_related("user", "organization")
    context = {
        "organization": organization,
        "organizations": organizations_visible(user=request.user),
        "error": error,
        "kinds": KINDS.values(),
        "most": settings.IMPORT_MAX_MB,
        "earlier": [
            {"batch": batch, "can_undo": batches.undo_is_possible(batch), "words": batches.counts_words(batch.counts)}
            for batch in earlier[:EARLIER_SHOWN]
        ],
    }
    return render(request, "academics/imports.html", context, status=400 if error else 200)


def _institution_check(batch: ImportBatch) -> HttpResponse:
    with suppress(ImportRefusal):  # the row has the words, and the page shows them
        batch_start(batch=batch, action="check")
    return redirect("import-page", batch_id=batch.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_page(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One import, in the state in which it is; a POST names what to do with it."""
    batch = batches.batch_get(user=cast(User, request.user), batch_id=batch_id)
    if request.method != "POST":
        return _shown(request, batch)
    try:
        return _act(request, batch)
    except ImportBatch.DoesNotExist:  # discarded in another window meanwhile
        raise Http404 from None


def _act(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", "").split(" ")[0])
    if action is None:
        return _shown(request, batch, status=400)
    try:
        answer = action(request, batch)
    except (ImportRefusal, RestructuringRefusal) as refusal:
        batch.refresh_from_db()
        if not batch.error:  # what the row keeps is shown with it
            notices.error(request, str(refusal))
        return redirect("import-page", batch_id=batch.pk)
    return answer or redirect("import-page", batch_id=batch.pk)


def _columns_take(request: HttpRequest, batch: ImportBatch) -> None:
    """What the form says of each table. A kind, or a row of headings, that was just chosen gets a guess of its own."""
    choices: dict[str, Any] = {}
    for number, table in enumerate(batches.batch_tables(batch, most=1, is_asking=True)):
        if f"kind-{number}" not in request.POST:  # it is restructured: see `_restructured_take`
            choices[table.key] = {key: value for key, value in batch.choices.get(table.key, {}).items() if key not in ("columns", "kind")}
            continue
        kind = request.POST.get(f"kind-{number}", LEFT_OUT)
        row, was_row = (request.POST.get(f"{name}-{number}", "") for name in ("headings", "were"))
        if kind.startswith(LAYOUT_PREFIX):
            restructuring_begin(batch=batch, table=table.key, layout=kind.removeprefix(LAYOUT_PREFIX))
            continue
        is_same = kind == request.POST.get(f"was-{number}")
        # Another encoding may show that the table is one to be restructured: nothing is said of its kind yet.
        is_open = kind == UNDECIDED or (is_same and request.POST.get(f"encoding-{number}", "") != request.POST.get(f"encoded-{number}", ""))
        choices[table.key] = {} if is_open else {"kind": kind if kind in KINDS else LEFT_OUT}
        if row.isdecimal() and len(row) < 8:
            choices[table.key]["headings_row"] = int(row)
        encoding, was_encoding = (request.POST.get(f"{name}-{number}", "") for name in ("encoding", "encoded"))
        if encoding in ENCODINGS:
            choices[table.key]["encoding"] = encoding
        if is_same and row == was_row and encoding == was_encoding:
            names = [request.POST.get(f"column-{number}-{index}", LEFT_OUT) for index in range(len(table.headings))]
            choices[table.key]["columns"] = names
    _restructured_take(request, batch)
    batches.batch_choose(batch=batch, choices=choices, remove_missing="remove_missing" in request.POST, uses=request.POST.getlist("uses"))


def _restructured_take(request: HttpRequest, batch: ImportBatch) -> None:
    """Answers, columns and taught words of each table that is restructured."""
    for number, state in _states_numbered(batch):
        if f"layout-{number}" in request.POST:
            changes = changes_taken(request.POST, number, state)
            if changes:
                table_change(batch=batch, state=state, **changes)


def _propose(batch: ImportBatch) -> None:
    """Restructure from the start what would use more of a table that fits one kind; the card says so, and leads back.

    Who imported such a table as the one kind before is not asked again.
    """
    remembered = batches.mapping_remembered(organization=batch.organization)
    with suppress(ImportRefusal):  # what can't be read is said on the page of the import
        for mapped in batches.batch_mapped(batch, most=LOOKED_AT, is_asking=True):
            is_new = mapped.kind is not None and not mapped.table.derived and mapped.kind.name not in remembered
            if is_new and mapped.left_out and not mapped.table.candidates and (layout := layout_possible(mapped.table)):
                restructuring_begin(batch=batch, table=mapped.table.key, layout=layout)


def _states_numbered(batch: ImportBatch) -> list[tuple[int, TableState]]:
    """The states of the tables that are restructured, by the place of the table among all of the batch."""
    places = {table.key: number for number, table in enumerate(batches.batch_tables(batch, most=1, is_asking=True))}
    return [(places[state.key], state) for state in restructuring_of(batch).tables if state.key in places]


def _look_again(request: HttpRequest, batch: ImportBatch) -> None:
    _columns_take(request, batch)


def _step(request: HttpRequest, batch: ImportBatch) -> HttpResponse | None:
    """Change, remove or add a step of a table: ``step TABLE ACTION PLACE``, by their numbers."""
    _columns_take(request, batch)
    _, number, action, place, *_ = (*request.POST.get("action", "").split(" "), "", "", "")
    state = next((state for each, state in _states_numbered(batch) if str(each) == number), None)
    if state is None:
        raise ImportRefusal("fix_unknown")
    if action == "afresh":
        table_change(batch=batch, state=state, is_afresh=True, answers={LAYOUT: state.layout})
    elif action == "choose":
        query = urlencode({"add": f"{number}:{request.POST.get(f'new-{number}', '')}"})
        return redirect(f"{reverse('import-page', kwargs={'batch_id': batch.pk})}?{query}#adding")
    else:
        steps = steps_edited(request.POST, int(number), state, action, int(place) if place.isdecimal() and len(place) < 4 else -1)
        table_change(batch=batch, state=state, steps=steps)
    return redirect(f"{reverse('import-page', kwargs={'batch_id': batch.pk})}?{urlencode({'steps': number})}#steps-{number}")


def _instead(request: HttpRequest, batch: ImportBatch) -> None:
    """Restructure a table that was taken for one kind: ``instead TABLE LAYOUT``."""
    _columns_take(request, batch)
    _, number, layout, *_ = (*request.POST.get("action", "").split(" "), "", "")
    keys = [table.key for table in batches.batch_tables(batch, most=1, is_asking=True)]
    if number.isdecimal() and len(number) < 4 and int(number) < len(keys):
        restructuring_begin(batch=batch, table=keys[int(number)], layout=layout)


def _check(request: HttpRequest, batch: ImportBatch) -> None:
    _columns_take(request, batch)
    if restructuring_of(batch).open:  # the page marks them
        raise ImportRefusal("questions_page")
    for table in batches.batch_tables(batch, most=1, is_asking=True):
        if table.candidates and not table.encoding:
            raise ImportRefusal("encoding_needed", file=table.file)
    batch_start(batch=batch, action="check")


def _columns_again(request: HttpRequest, batch: ImportBatch) -> None:
    batches.batch_choose(batch=batch, choices=batch.choices, remove_missing=batch.remove_missing)


def _fix(request: HttpRequest, batch: ImportBatch) -> None:
    """Take one of the fixes that a cause of problems proposes, and check again."""
    batch.refresh_from_db(fields=list(ImportBatch.LARGE))
    cause = cause_find(batch.causes, request.POST.get("cause", ""))
    fixes = [] if cause is None else [each for each in cause["fix"] if each["action"] == request.POST.get("fix")]
    if cause is None or not fixes:
        raise ImportRefusal("fix_unknown")
    fix = _filled(request, cause, deepcopy(fixes[0]))
    batches.batch_fix(batch=batch, fixes=fixes_check(fix.get("fixes", {})), mapping=fix.get("mapping"))
    batch_start(batch=batch, action="check")


def _filled(request: HttpRequest, cause: Mapping[str, Any], fix: dict[str, Any]) -> dict[str, Any]:
    """The fix with what the form says: which code is meant, or what each row to create needs, too."""
    if "asks" in fix:
        given = request.POST.get("also", "").strip()
        if not given:
            raise ImportRefusal("fix_asks", label=fix["asks"]["label"])
        for rows in fix["fixes"]["create"].values():
            for row in rows:
                row[fix["asks"]["column"]] = given
    if fix["action"] == "choose":
        given_by_value = {each["value"]: request.POST.get(f"meant-{n}", "").strip() for n, each in enumerate(cause["values"])}
        chosen = {value: meant for value, meant in given_by_value.items() if meant}
        if not chosen:
            raise ImportRefusal("fix_nothing")
        for texts in _innermost(fix["fixes"]):
            texts.clear()
            texts.update(chosen)
    return fix


def _innermost(fixes: dict[str, Any]) -> list[dict[str, str]]:
    return [*fixes.get("meant", {}).values(), *(texts for columns in fixes.get("values", {}).values() for texts in columns.values())]


def _fixes_forget(request: HttpRequest, batch: ImportBatch) -> None:
    """Back to the tables as they are."""
    batches.fixes_forget(batch=batch)
    batch_start(batch=batch, action="check")


def _institution(request: HttpRequest, batch: ImportBatch) -> None:
    """Import a whole institution with what was decided about it."""
    decisions: dict[str, bool | str] = {name: name in request.POST for name in DECISIONS}
    if "becomes" in request.POST:  # asked where the institution has data
        decisions[REPLACE] = request.POST["becomes"] == REPLACE
        decisions[AS_TERM] = request.POST.get(AS_TERM, "").strip() if request.POST["becomes"] == AS_TERM else ""
        if request.POST["becomes"] == AS_TERM and not decisions[AS_TERM]:
            raise ImportRefusal("term_code_needed")
    institution_decide(batch=batch, decisions=decisions, uses=request.POST.getlist("uses"))
    if batch.num_problems:
        raise ImportRefusal("institution_undecided")
    batch_start(batch=batch, action="import")


def _import(request: HttpRequest, batch: ImportBatch) -> None:
    batch_start(batch=batch, action="import")


def _undo(request: HttpRequest, batch: ImportBatch) -> None:
    batch_start(batch=batch, action="undo")


def _discard(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    batches.batch_discard(batch=batch)
    notices.info(request, f"Discarded: {', '.join(batch.names)}. Nothing was written.")
    return redirect("imports")


def _give_up(request: HttpRequest, batch: ImportBatch) -> None:
    batches.batch_give_up(batch=batch)


ACTIONS: dict[str, Callable[[HttpRequest, ImportBatch], HttpResponse | None]] = {
    "look": _look_again,
    "check": _check,
    "step": _step,
    "instead": _instead,
    "columns": _columns_again,
    "fix": _fix,
    "forget_fixes": _fixes_forget,
    "import": _import,
    "institution": _institution,
    "undo": _undo,
    "discard": _discard,
    "give_up": _give_up,
}


def _shown(request: HttpRequest, batch: ImportBatch, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"batch": batch, "organization": batch.organization, "progress": progress_of(batch)}
    if batch.status == Status.UPLOADED and batch.file_format:
        pass
    elif batch.status == Status.UPLOADED:
        try:
            context |= _columns_context(request, batch)
        except (ImportRefusal, RestructuringRefusal) as refusal:
            context["broken"] = str(refusal)
    elif not batch.is_active:
        context |= _report_context(request, batch)
    template = TEMPLATES.get(Status(batch.status), "academics/import_running.html")
    if batch.file_format and batch.status in (Status.UPLOADED, Status.CHECKED):
        template = "academics/import_institution.html"
    return render(request, template, context, status=status)


def _columns_context(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    adding, _, name = request.GET.get("add", "").partition(":")
    opened = request.GET.get("steps")
    states = {
        state.key: card_of(number, state, is_adding=name if adding == str(number) else "", is_open=opened == str(number))
        | {"is_open": request.GET.get("steps") == str(number)}
        for number, state in _states_numbered(batch)
        if state.layout not in ("", NONE)
    }
    mapped = batches.batch_mapped(batch, most=batches.PEEKED_ROWS, is_asking=True)
    plain = {each.table.key: each for each in mapped if not each.table.derived}
    derived = {each["kind"] for card in states.values() for each in card["derived"]}
    numbered = list(enumerate(batches.batch_tables(batch, most=1, is_asking=True)))
    mapped_tables = [plain[table.key] for _, table in numbered if table.key not in states]
    shown = [{"card": states[table.key]} if table.key in states else _table_shown(n, plain[table.key]) for n, table in numbered]
    is_ready = bool(states) or any(mapped.kind for mapped in mapped_tables)
    return {
        "tables": shown,
        "kinds": KINDS.values(),
        "layouts": [(f"{LAYOUT_PREFIX}{name}", words) for name, words in LAYOUTS.items() if name != NONE],
        "is_ready": is_ready and not any(mapped.candidates for mapped in mapped_tables),
        "heading": "What becomes of the tables" if states else "What each column is",
        "has_timetable": TIMETABLE in derived or any(mapped.kind and mapped.kind.name == TIMETABLE for mapped in mapped_tables),
        "uses": [(use, words, use in batch.uses) for use, words in TIMETABLE_USES.items()],
    }


def _table_shown(number: int, mapped: Mapped) -> dict[str, Any]:
    kind = mapped.kind
    layout = layout_possible(mapped.table) if mapped.left_out and kind else ""
    missing = [column for column in kind.needed if mapped.index(column.name) is None] if kind else []
    headings = [
        {"heading": heading, "column": column, "samples": mapped.table.samples(index), "name": f"column-{number}-{index}"}
        for index, (heading, column) in enumerate(zip(mapped.table.headings, mapped.columns, strict=True))
    ]
    return {
        "number": number,
        "table": mapped.table,
        "kind": kind,
        "headings": headings,
        "missing": missing,
        "candidates": [KINDS[name].title for name in mapped.candidates],
        "encodings": _encodings_shown(mapped.table),
        "layout": layout,
        "layout_words": LAYOUTS.get(layout, ""),
    }


def _encodings_shown(table: Table) -> list[dict[str, Any]]:
    """The readings of a file of text: those that could be right first, with what they make of its words."""
    if not table.encoding and not table.candidates:
        return []
    likely = {each.encoding: each for each in table.candidates}
    if table.encoding in ("utf-8", "utf-16") and not likely:  # it proves itself
        return []
    names = dict.fromkeys([*likely, *ENCODINGS])
    return [{"name": name, "label": ENCODINGS[name].label, "sample": likely[name].sample if name in likely else ""} for name in names]


def _report_context(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    batch.refresh_from_db(fields=list(ImportBatch.LARGE))
    rows = [
        {
            "title": title,
            "counts": batch.counts[name],
            "samples": batch.samples.get(name, []),
        }
        for name, title in TITLES.items()  # whose order PostgreSQL does not keep in what is stored
        if name in batch.counts
    ]
    totals = {word: sum(row["counts"][word] for row in rows) for word in ("added", "changed", "removed")}
    return {
        "rows": rows,
        "totals": totals,
        "going_along": batch.samples.get(batches.GOING_ALONG, {}),
        "is_nothing": not any(totals.values()),
        "read_as": [{**each, "title": KINDS[each["kind"]].title if each["kind"] in KINDS else ""} for each in batch.read_as],
        "causes": _causes_shown(batch),
        "fixes": _fixes_said(batch.fixes),
        "page": Paginator(batch.problems, PROBLEMS_PER_PAGE).get_page(request.GET.get("page")),
        "num_kept": len(batch.problems),
        "can_undo": batches.undo_is_possible(batch),
        "num_rules": batch.counts.get(RULES, {}).get("added", 0),
        "institution": batch.samples.get(INSTITUTION),
        "allowed": batch.fixes.get(ALLOW_UNSUPPORTED, False),
        "replaces": batch.fixes.get(REPLACE, False),
        **_further_term(batch),
        "uses": [(use, words, use in batch.uses) for use, words in TIMETABLE_USES.items()],
        "undo_words": text("undo_kept", most=batches.KEPT_UNDOS),
    }


def _further_term(batch: ImportBatch) -> dict[str, Any]:
    """What a file of a whole institution would be as a further term."""
    found = (batch.samples.get(INSTITUTION) or {}).get(FURTHER_TERM)
    if not found:
        return {}
    matched = ", ".join(f"{found['matched'][name]:,} {title.lower()}" for name, title in TITLES.items() if name in found["matched"])
    kept = [{**each, "kind": TITLES[each["kind"]]} for each in found["kept"]]
    return {"further": found, "matched": matched, "kept": kept, "term_code": batch.fixes.get(AS_TERM, ""), "problems": batch.problems}


def _causes_shown(batch: ImportBatch) -> list[dict[str, Any]]:
    """The causes of problems with the first of their rows, and the codes that may be meant."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for problem in batch.problems:
        kept = rows.setdefault(problem.get("cause", ""), [])
        if len(kept) < ROWS_OF_A_CAUSE:
            kept.append(problem)
    known: dict[str, list[tuple[str, str]]] = {}
    shown: list[dict[str, Any]] = []
    for number, cause in enumerate(batch.causes):
        kind = cause["kind"]
        actions = [each["action"] for each in cause["fix"]]
        if "choose" in actions and kind and kind not in known:
            known[kind] = codes_listed(organization=batch.organization, kind=kind, most=CODES_PROPOSED)
        is_list_new = kind in known and not any(each["kind"] == kind and each["codes"] for each in shown)
        shown.append(
            {
                **cause,
                "number": number,
                "problems": rows.get(cause["id"], []),
                "named": [each for each in cause["values"] if each["value"]][:VALUES_NAMED],
                "num_more": max(0, len(cause["values"]) - VALUES_NAMED),
                "to_choose": cause["values"][:VALUES_TO_CHOOSE],
                "codes": known.get(kind, []) if is_list_new else [],
                "list": f"codes-{kind}" if known.get(kind) else "",
                "buttons": [each for each in cause["fix"] if each["action"] != "choose"],
                "choose": next((each for each in cause["fix"] if each["action"] == "choose"), None),
            }
        )
    return shown


def _fixes_said(fixes: Mapping[str, Any]) -> list[str]:
    """What was decided so far, a sentence each."""
    said = [f"{kind_words(kind, len(rows))} to create" for kind, rows in fixes.get("create", {}).items() if rows]
    for kind, codes in fixes.get("meant", {}).items():
        empty = [value for value, meant in codes.items() if not meant]
        said += [f"{value} is taken for {meant}" for value, meant in codes.items() if meant][:VALUES_NAMED]
        if empty:
            said.append(f"{kind_words(kind, len(empty))} taken as empty")
    for table, rows in fixes.get("skip", {}).items():
        said.append(f"{table}: {len(rows):,} row{'' if len(rows) == 1 else 's'} left out")
    for table, columns in fixes.get("values", {}).items():
        said += [
            f"{table}: {value or 'an empty cell'} is read as {meant or 'empty'}"
            for texts in columns.values()
            for value, meant in list(texts.items())[:VALUES_NAMED]
        ]
    return said
