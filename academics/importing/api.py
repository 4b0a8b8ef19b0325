"""Imports over REST: start, follow and undo them; and the templates to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from academics.errors import UserError
from academics.importing import batches
from academics.importing.columns_by_kind import KINDS
from academics.importing.fixes import CODES, DECISIONS, fixes_check
from academics.importing.institutions import INSTITUTION
from academics.importing.lifecycle import progress_of
from academics.importing.messages import ImportConflict, UnknownImport, text
from academics.importing.queue import batch_start
from academics.importing.restructured import recipe_apply
from academics.importing.templates import template_csv, template_workbook
from academics.models import ArchiveReading, ImportBatch
from academics.placements import USES
from academics.plain_text import json_is_storable
from academics.selectors import organizations_administered
from academics.spreadsheets import CSV_TYPE, XLSX_TYPE, csv_write

PROBLEM_HEADINGS = ("File", "Sheet", "Row", "Column", "Value", "What is wrong", "What is allowed")
PROBLEM_FIELDS = ("file", "sheet", "row", "column", "value", "message", "allowed")
SHOWN_PROBLEMS = 100
MOST_LISTED = 50
FORM_BYTES = 1_000_000  # what a form has beside its files, at most


@contextmanager
def discarded_is_unknown() -> Iterator[None]:
    """Inside, a row that another request discards meanwhile is answered as one that never was."""
    try:
        yield
    except (ImportBatch.DoesNotExist, ArchiveReading.DoesNotExist):
        raise UnknownImport("batch_unknown", days=settings.IMPORT_KEPT_DAYS) from None


class UploadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"

    def __init__(self) -> None:
        super().__init__(f"The files are larger than {settings.IMPORT_MAX_MB} MB together. Import a part at a time.")


def upload_is_too_large(length: str | None) -> bool:
    """By what the request says of itself, before any of it is read."""
    return bool(length) and str(length).isdigit() and int(str(length)) > settings.IMPORT_MAX_MB * 2**20 + FORM_BYTES


class ImportRequestSerializer(serializers.Serializer[Any]):
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        allow_empty=False,
        help_text="CSV files and .xlsx workbooks, at most 30; or one file of another timetabling program that holds a whole institution.",
    )
    organization = serializers.CharField(required=False, max_length=40, help_text="Its code. Left out: the one that you administer.")
    dry_run = serializers.BooleanField(default=False, help_text="Check only: say what is wrong, and what would change.")
    remove_missing = serializers.BooleanField(default=False, help_text="Remove what the files leave out of the kinds that they have.")
    uses = serializers.ListField(
        child=serializers.ChoiceField(choices=USES),
        required=False,
        help_text="What is made of an existing timetable beside a variant: `pins`, rules that fix its lectures where no rule is broken; "
        "`wishes`, weighted rules for an offering's times and room preferences.",
    )
    mapping = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="JSON: by file, sheet or file#sheet its kind and its columns by heading, as "
        '{"a.csv": {"kind": "rooms", "columns": {"Seats": "capacity"}}}.',
    )

    encoding = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="Of the CSV files, where it is not clear, such as `cp1250` or `gb18030`. Files that could be in several encodings are "
        "refused with `candidates`: the encodings, and how each reads the words. A mapping may name one by file.",
    )

    fixes = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="JSON: rows to create, codes that are meant and texts that are meant, as the answer's `causes` propose them in `fix`: "
        '{"create": {"buildings": [{"code": "LS", "name": "Life Sciences"}]}, "meant": {"departments": {"COMP": "CS"}}, '
        '"values": {"rooms.csv": {"capacity": {"n/a": "0"}}}, "skip": {"rooms.csv": [17]}}. An empty code or text is an empty cell.',
    )

    allow_unsupported = serializers.BooleanField(
        default=False, help_text="Of a whole institution: leave out what the file says and cannot be kept. Otherwise it is refused."
    )
    replace = serializers.BooleanField(
        default=False, help_text="Of a whole institution: put it in place of the data that there are. Otherwise that is refused."
    )

    as_term = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="Of a whole institution: the code of the term that it becomes. What the institution has stays: rooms, "
        "people and courses that are there by their codes are used as they are, and everything else is new.",
    )

    recipe = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="How tables are restructured: the name of a saved recipe, or JSON with `tables`, or with `answers` alone, as in "
        '{"answers": {"layout": "schedule", "term": "2026-autumn"}}. Without one, the recipes are used that are for tables of their shape.',
    )

    draft = serializers.BooleanField(
        default=False,
        help_text="Keep the files without checking them: 201, and questions about them are answered at `restructuring/`, before `start/`.",
    )

    def validate_recipe(self, value: str) -> Any:
        return self.validate_mapping(value) if value.lstrip().startswith(("{", "[")) else value or None

    def validate_mapping(self, value: str) -> Any:
        try:
            found = json.loads(value) if value else {}
        except (ValueError, RecursionError):
            raise serializers.ValidationError("This is not JSON.") from None
        if not json_is_storable(found):
            raise serializers.ValidationError("This holds NaN, or characters that are none: a zero character, or half of a letter.")
        return found

    validate_fixes = validate_mapping


class ProblemSerializer(serializers.Serializer[Any]):
    file = serializers.CharField()
    sheet = serializers.CharField(allow_blank=True)
    row = serializers.IntegerField(help_text="As a spreadsheet counts; the headings have one too.")
    column = serializers.CharField(allow_blank=True, help_text="Its heading in the file.")
    value = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    allowed = serializers.CharField()
    cause = serializers.CharField(allow_blank=True, required=False, help_text="The id of one of the `causes`.")


class CauseValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField(help_text="How many rows have it.")
    near = serializers.CharField(allow_blank=True, help_text="The code that is most like it; empty where none is.")


class CausePlaceSerializer(serializers.Serializer[Any]):
    table = serializers.CharField(help_text="As a mapping calls it.")
    column = serializers.CharField(allow_blank=True, help_text="The column's name.")
    heading = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField()


class FixSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["create", "choose", "empty", "leave_out", "skip", *DECISIONS, *CODES])
    text = serializers.CharField(help_text="Such as `Create these 2 buildings`.")
    fixes = serializers.JSONField(required=False, help_text="To be given back as `fixes`; what `choose` leaves empty is to be filled in.")
    mapping = serializers.JSONField(required=False, help_text="To be given back as `mapping`.")
    asks = serializers.JSONField(required=False, help_text="A column that each row to create needs, too, and what it is called.")


class CauseSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField(help_text="Such as `2 buildings are missing`.")
    rows = serializers.IntegerField(help_text="How many rows it concerns.")
    kind = serializers.CharField(allow_blank=True, help_text="Of what is missing.")
    allowed = serializers.CharField(allow_blank=True)
    values = CauseValueSerializer(many=True, help_text="At most 5000, those of the most rows first.")
    places = CausePlaceSerializer(many=True)
    fix = FixSerializer(many=True, help_text="What would fix all of it at once, the usual one first; empty: correct it in the file.")


class WarningSerializer(serializers.Serializer[Any]):
    file = serializers.CharField()
    sheet = serializers.CharField(allow_blank=True)
    row = serializers.IntegerField(help_text="0: the table as a whole.")
    column = serializers.CharField(allow_blank=True, help_text="Its heading in the file.")
    value = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ReadTableSerializer(serializers.Serializer[Any]):
    file = serializers.CharField()
    sheet = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(allow_blank=True, help_text="What it was taken for; empty: nothing, it was left out.")
    headings_row = serializers.IntegerField(help_text="The number of the row in which the headings were found.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="By heading the column that it was taken for.")
    left_out = serializers.ListField(child=serializers.CharField(), help_text="Headings that nothing was read from.")
    layout = serializers.CharField(
        allow_blank=True,
        required=False,
        help_text="How restructuring would use more of it, to be given as the answer `layout`; empty: it would not.",
    )


class CountsSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class ImportProgressSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.IntegerField(min_value=0, max_value=100)


class ImportedTimetableSerializer(serializers.Serializer[Any]):
    term = serializers.CharField()
    job_id = serializers.UUIDField()
    variant_id = serializers.UUIDField(help_text="For `keep_from` of a new run too.")
    label = serializers.CharField()  # type: ignore[assignment]
    lectures = serializers.IntegerField(help_text="Of the term.")
    places = serializers.IntegerField(help_text="Lectures that the table has.")
    unplaced = serializers.IntegerField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    is_new = serializers.BooleanField(help_text="False: the same places were taken over before, from the same data.")
    notes = serializers.ListField(child=serializers.CharField())


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    organization = serializers.CharField(source="organization.code", read_only=True)
    files = serializers.ListField(source="names", child=serializers.CharField(), read_only=True)
    counts = serializers.DictField(child=CountsSerializer(), read_only=True, help_text="By kind: what would change, or did.")
    can_undo = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField(help_text="While a worker is at it; null while it waits for one.")

    class Meta:
        model = ImportBatch
        fields = (
            "id",
            "organization",
            "status",
            "files",
            "remove_missing",
            "counts",
            "num_problems",
            "num_repeated",
            "error",
            "can_undo",
            "progress",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_can_undo(self, batch: ImportBatch) -> bool:
        return batches.undo_is_possible(batch)

    @extend_schema_field(ImportProgressSerializer(allow_null=True))
    def get_progress(self, batch: ImportBatch) -> dict[str, Any] | None:
        return progress_of(batch)


class KeptFieldSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    key = serializers.CharField()
    column = serializers.CharField()
    kept = serializers.CharField(allow_blank=True, help_text="What somebody edited it to.")
    file = serializers.CharField(allow_blank=True, help_text="What the file has.")


class KeptFactSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    code = serializers.CharField()
    what = serializers.CharField(help_text="Such as `seats`.")
    here = serializers.CharField(allow_blank=True, help_text="As the institution has it, and keeps it.")
    file = serializers.CharField(allow_blank=True, help_text="As the file has it.")


class FurtherTermSerializer(serializers.Serializer[Any]):
    proposed = serializers.CharField(help_text="A code for the term that no term has.")
    matched = serializers.DictField(child=serializers.IntegerField(), help_text="By kind: how many are there already, and would be used.")
    num_kept = serializers.IntegerField(help_text="Facts of these that the file has otherwise. They stay.")
    kept = KeptFactSerializer(many=True, help_text="The first 200 of them.")
    notes = serializers.ListField(child=serializers.CharField())


class InstitutionFileSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(help_text="What files of this kind are called.")
    term = serializers.CharField(help_text="The code of the term that it becomes.")
    lectures = serializers.IntegerField(help_text="Of a week.")
    placed = serializers.IntegerField(help_text="Lectures that have a place in the file; they become a timetable of the term.")
    rules = serializers.DictField(child=serializers.IntegerField(), help_text="How many rules of each kind.")
    left_out = serializers.DictField(child=serializers.IntegerField(), help_text="What can't be kept, by kind.")
    there = serializers.BooleanField(help_text="Whether the data are as this file left them: importing it changes nothing.")
    in_the_way = serializers.BooleanField(help_text="Whether the institution has data whose place it would take.")
    further_term = FurtherTermSerializer(allow_null=True, help_text="What it would be as a further term; null where there are no data yet.")


class ImportDetailSerializer(ImportSerializer):
    institution = serializers.SerializerMethodField(help_text="Of a file that holds a whole institution: what is in it; else null.")
    kept = serializers.SerializerMethodField(help_text="Of a run of a saved recipe: fields that stayed because they were edited by hand.")

    problems = serializers.SerializerMethodField(help_text=f"The first {SHOWN_PROBLEMS}; all that are kept are under `problems.csv`.")
    tables = ReadTableSerializer(source="read_as", many=True, read_only=True, help_text="What each file and sheet was read as.")
    causes = CauseSerializer(many=True, read_only=True, help_text="The problems grouped by what is wrong, each with what would fix it.")
    warnings = WarningSerializer(many=True, read_only=True, help_text="What was read in a way that somebody should know of.")
    timetables = ImportedTimetableSerializer(many=True, read_only=True, help_text="What existing timetables became, by term.")

    class Meta(ImportSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *ImportSerializer.Meta.fields,
            "problems",
            "causes",
            "tables",
            "warnings",
            "timetables",
            "kept",
            "institution",
        )
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(InstitutionFileSerializer(allow_null=True))
    def get_institution(self, batch: ImportBatch) -> dict[str, Any] | None:
        found: dict[str, Any] | None = batch.samples.get(INSTITUTION)
        return found

    @extend_schema_field(KeptFieldSerializer(many=True))
    def get_kept(self, batch: ImportBatch) -> list[dict[str, Any]]:
        return list(batch.samples.get(batches.KEPT, {}).get("fields", []))

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, batch: ImportBatch) -> list[dict[str, Any]]:
        return list(batch.problems[:SHOWN_PROBLEMS])


REFUSED: dict[int, Any] = {
    400: OpenApiResponse(OpenApiTypes.OBJECT, "A field of the request is wrong, named with what is allowed; or the files have problems."),
    401: OpenApiResponse(OpenApiTypes.OBJECT, "Not signed in."),
    403: OpenApiResponse(OpenApiTypes.OBJECT, "Only administrators may import data."),
}
UNKNOWN = {404: OpenApiResponse(OpenApiTypes.OBJECT, "No such import for this user.")}
READ: dict[int, Any] = {code: words for code, words in REFUSED.items() if code != 400} | UNKNOWN
CONFLICT = {409: OpenApiResponse(OpenApiTypes.OBJECT, "The present state does not allow it.")}
AWAY = {503: OpenApiResponse(OpenApiTypes.OBJECT, "The queue or the database does not answer.")}


def _user(request: Request) -> User:
    return cast(User, request.user)


class AdministersSomething(BasePermission):
    """Runs before the body is read: only administrators may import."""

    message = text("organization_none")

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_authenticated and (user.is_superuser or organizations_administered(user=user).exists()))


class ImportList(APIView):
    parser_classes = (MultiPartParser,)

    def get_permissions(self) -> list[Any]:
        return [AdministersSomething(), *super().get_permissions()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """An upload that is too large is refused before it is read."""
        if request.method == "POST" and upload_is_too_large(request.META.get("CONTENT_LENGTH")):
            raise UploadTooLarge
        super().initial(request, *args, **kwargs)

    @extend_schema(responses={200: ImportSerializer(many=True), 401: REFUSED[401], 403: REFUSED[403]} | AWAY)
    def get(self, request: Request) -> Response:
        """The last imports of the organizations that the caller administers, newest first."""
        governed = organizations_administered(user=request.user)
        found = batches.batches_listed().filter(organization__in=governed)
        return Response(ImportSerializer(found[:MOST_LISTED], many=True).data)

    @extend_schema(
        request={"multipart/form-data": ImportRequestSerializer},
        responses={
            200: ImportDetailSerializer,
            201: ImportDetailSerializer,
            202: ImportDetailSerializer,
            413: OpenApiTypes.OBJECT,
            415: OpenApiTypes.OBJECT,
        }
        | REFUSED
        | UNKNOWN
        | CONFLICT
        | AWAY,
    )
    def post(self, request: Request) -> Response:
        """Imports files, all of them or nothing: 201 when done, 200 for a dry run, 202 where a worker does it, 400 with the problems."""
        serializer = ImportRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        facts = serializer.validated_data
        with discarded_is_unknown():
            organization = batches.organization_for_import(user=_user(request), code=facts.get("organization"))
            uploads = facts["files"]
            batches.upload_sizes_check([(upload.name or "", upload.size or 0) for upload in uploads])
            files = [(batches.file_name(upload.name or ""), upload.read()) for upload in uploads]
            batch = batches.batch_create(organization=organization, user=_user(request), files=files)
            try:
                choices = batches.batch_choices(batch, facts["mapping"]) if facts.get("mapping", {}) != {} else {}
                choices = batches.encoding_choices(names=batch.names, encoding=facts.get("encoding", ""), choices=choices)
                batches.batch_choose(batch=batch, choices=choices, remove_missing=facts["remove_missing"], uses=facts.get("uses", ()))
                decided = {name: True for name in DECISIONS if facts[name]} | {name: facts[name] for name in CODES if facts.get(name)}
                if facts.get("fixes") or decided:
                    batches.batch_fix(batch=batch, fixes=fixes_check({**(facts.get("fixes") or {}), **decided}))
                recipe_apply(batch, facts.get("recipe"))
                if not facts["draft"]:
                    batches.kinds_check(batch)  # and their encodings
            except UserError:
                batch.delete()
                raise
            if facts["draft"]:
                location = {"Location": reverse("import-detail", kwargs={"batch_id": str(batch.pk)}, request=request)}
                return Response(ImportDetailSerializer(batch).data, status=status.HTTP_201_CREATED, headers=location)
            return import_answer(request, batch, dry_run=facts["dry_run"])


def import_answer(request: Request, batch: ImportBatch, *, dry_run: bool) -> Response:
    """Check or import it, at once or by a worker, and say how it went."""
    location = {"Location": reverse("import-detail", kwargs={"batch_id": str(batch.pk)}, request=request)}
    try:
        is_done = batch_start(batch=batch, action="check" if dry_run else "import_at_once")
    except ImportConflict as conflict:
        if conflict.message_id != "batch_problems":
            raise
        is_done = True
    batch = ImportBatch.objects.select_related("organization").get(pk=batch.pk)
    code = 202 if not is_done else 400 if batch.num_problems and not dry_run else 200 if dry_run else 201
    return Response(ImportDetailSerializer(batch).data, status=code, headers=location)


class ImportDetail(APIView):
    @extend_schema(responses={200: ImportDetailSerializer} | READ | AWAY)
    def get(self, request: Request, batch_id: str) -> Response:
        """One import: its status, progress, problems and what changed."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=_user(request), batch_id=batch_id)
        return Response(ImportDetailSerializer(batch).data)

    @extend_schema(
        request=None,
        responses={
            202: ImportDetailSerializer,
            204: OpenApiResponse(None, "It was not under way, and is forgotten with its files."),
            409: OpenApiResponse(OpenApiTypes.OBJECT, "It is over; what was imported can be undone."),
        }
        | READ
        | AWAY,
    )
    def delete(self, request: Request, batch_id: str) -> Response:
        """Gives up what is under way: it goes back a step, and nothing of it stays. Forgets an import that was not made."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=_user(request), batch_id=batch_id)
            if not batches.batch_end(batch=batch):
                return Response(status=status.HTTP_204_NO_CONTENT)
            batch.refresh_from_db()
        return Response(ImportDetailSerializer(batch).data, status=status.HTTP_202_ACCEPTED)


class ImportUndoView(APIView):
    @extend_schema(
        request=None,
        responses={200: ImportDetailSerializer, 202: ImportDetailSerializer, 401: REFUSED[401], 403: REFUSED[403]}
        | UNKNOWN
        | CONFLICT
        | AWAY,
    )
    def post(self, request: Request, batch_id: str) -> Response:
        """Puts back exactly what was there before the import; refused where the data was edited or used since."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=_user(request), batch_id=batch_id)
            is_done = batch_start(batch=batch, action="undo")
        return Response(ImportDetailSerializer(batch).data, status=200 if is_done else 202)


class ImportProblems(APIView):
    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY} | READ | AWAY)
    def get(self, request: Request, batch_id: str) -> HttpResponse:
        """The problems as a table, to fix them one by one beside the spreadsheet."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=_user(request), batch_id=batch_id)
        return problems_file(batch)


def problems_file(batch: ImportBatch) -> HttpResponse:
    rows = [[problem[name] for name in PROBLEM_FIELDS] for problem in batch.problems]
    return _file(csv_write(PROBLEM_HEADINGS, rows), CSV_TYPE, "problems.csv")


class ImportTemplate(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, enum=[*(f"{kind}.csv" for kind in KINDS), "all.xlsx"])],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, XLSX_TYPE): OpenApiTypes.BINARY,
            401: REFUSED[401],
            404: OpenApiResponse(OpenApiTypes.OBJECT, "There is no template of this name."),
        }
        | AWAY,
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """A table to fill in, with example rows: a kind as .csv, or all kinds as one .xlsx."""
        kind, _, ending = name.rpartition(".")
        if name == "all.xlsx":
            return _file(template_workbook(), XLSX_TYPE, "timeloom-templates.xlsx")
        if ending != "csv" or kind not in KINDS:
            known = ", ".join(f"{each}.csv" for each in KINDS)
            raise exceptions.NotFound(f"There is no template {name[:60]!r}. There are all.xlsx, {known}.")
        return _file(template_csv(KINDS[kind]), CSV_TYPE, name)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
