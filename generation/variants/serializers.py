"""Shapes of variants, entries, conflicts and exports, as the contract has them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from academics.term_weeks import weeks_of
from generation.engine.constraints.register import CONSTRAINTS
from generation.exports import KINDS
from generation.exports.books import book_detail
from generation.exports.document import BOOKS
from generation.models import Entry, Rendering, Variant
from generation.text import messages
from generation.timetable.archive_origin import certificate_with_origin
from generation.timetable.change_results import change_facts
from generation.timetable.counts import counts_facts, statistics_facts
from generation.timetable.grid import BY
from generation.timetable.visibility import is_reader
from generation.today import messages as messages_today
from generation.today.comparison import Fit
from generation.today.selectors import fit_of, is_in_use
from generation.web.lookup import user_asking
from generation.web.serializers import TextField

MOST_REASONS = 200


class AlsoSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    unit = serializers.CharField(help_text="In the plural, for example `clashes`.")


class CountSerializer(serializers.Serializer[Any]):
    """How much of a constraint is found, whatever it weighs: nobody and nothing is counted twice."""

    count = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=sorted({each.counted.name for each in CONSTRAINTS.values()}), help_text="What is counted.")
    also = AlsoSerializer(required=False, help_text="A second figure, for example the clashes of the students counted.")


class FitsTodaySerializer(serializers.Serializer[Any]):
    """A timetable against the data of today, which may have changed since it was evaluated."""

    ok = serializers.BooleanField(help_text="Whether every lecture fits, and none of the data's is missing.")
    is_compared = serializers.BooleanField(help_text="False where it can't be compared, as after another calendar; `reasons` says why.")
    lectures = serializers.IntegerField(help_text="Lectures that do not fit, those of the data that it lacks included.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Each cause in a sentence, with the lecture; 200 at most.")


class ChangeSizeSerializer(serializers.Serializer[Any]):
    moved = serializers.IntegerField(help_text="Lectures that had a place and have another one, or none.")
    lost = serializers.IntegerField(help_text="Those of them that have none.")
    people = serializers.IntegerField(help_text="Different students and instructors of the moved lectures.")
    students = serializers.IntegerField()
    instructors = serializers.IntegerField()
    unplaced = serializers.IntegerField(help_text="Lectures without a place.")


class ChangeDifferenceSerializer(serializers.Serializer[Any]):
    constraint = serializers.CharField()
    unit = serializers.CharField()
    before = serializers.IntegerField(help_text="In the option before this one.")
    after = serializers.IntegerField()


class ChangeOptionSerializer(ChangeSizeSerializer):
    name = serializers.CharField(help_text="The variant's label.")
    is_this = serializers.BooleanField(help_text="Whether it is this variant.")
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    differs = ChangeDifferenceSerializer(many=True, help_text="What moving more buys, and what it costs besides.")


class ChangeMoveSerializer(serializers.Serializer[Any]):
    lecture = serializers.IntegerField(help_text="As in the variant's entries.")
    day = serializers.IntegerField(allow_null=True, help_text="Where it was; null where there is no such time any more.")
    period = serializers.IntegerField(allow_null=True)
    room = serializers.CharField(allow_blank=True)


class LeastChangeSerializer(ChangeSizeSerializer):
    """What a run with `keep: "minimal"` moved in this variant, and how little would do."""

    other_room_only = serializers.IntegerField(help_text="Moved lectures that keep their time.")
    other_time_of_day = serializers.IntegerField(help_text="Moved lectures that keep their day.")
    other_day = serializers.IntegerField()
    at_least_moved = serializers.IntegerField(help_text="Proven: no timetable with as few lectures without a place moves fewer.")
    at_least_people = serializers.IntegerField(help_text="Proven: none concerns fewer people.")
    is_proven_least = serializers.BooleanField(help_text="Whether this variant moves as few lectures as can be.")
    needed = ChangeSizeSerializer(allow_null=True, help_text="Where a limit left lectures without a place: what was found without it.")
    options = ChangeOptionSerializer(many=True)
    moves = ChangeMoveSerializer(many=True)


class VariantSerializer(serializers.ModelSerializer[Variant]):
    job_id = serializers.UUIDField(read_only=True)
    weights = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    breakdown = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="By constraint: how often a rule is broken, what a wish costs."
    )
    counts = serializers.SerializerMethodField(
        help_text="The same in people, lectures, periods or days, whatever it costs; empty for variants stored by earlier releases."
    )
    statistics = serializers.SerializerMethodField()
    certificate = serializers.SerializerMethodField(help_text="With `taken_over` where the run was read from an archive.")
    lower_bound = serializers.SerializerMethodField(
        help_text="No timetable without broken rules has a lower `soft`; null where none was proven."
    )
    fits_today = serializers.SerializerMethodField(
        help_text="Against the data of today. Null for those who only read what is published, and for timetables that were replaced; in a "
        "list and inside a workflow also where it is not known yet: the variant's own address works it out."
    )

    change = serializers.SerializerMethodField(
        help_text="What moved, where the run was to change a timetable as little as possible; else, and after edits by hand, null."
    )

    class Meta:
        model = Variant
        fields = (
            "id",
            "job_id",
            "label",
            "weights",
            "seed",
            "hard",
            "soft",
            "lower_bound",
            "breakdown",
            "counts",
            "statistics",
            "certificate",
            "is_selected",
            "note",
            "revision",
            "change",
            "fits_today",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=CountSerializer()))
    def get_counts(self, variant: Variant) -> dict[str, dict[str, Any]]:
        return counts_facts(variant)

    @extend_schema_field(LeastChangeSerializer(allow_null=True))
    def get_change(self, variant: Variant) -> dict[str, Any] | None:
        return change_facts(variant)

    def get_statistics(self, variant: Variant) -> dict[str, Any]:
        return statistics_facts(variant)

    @extend_schema_field(FitsTodaySerializer(allow_null=True))
    def get_fits_today(self, variant: Variant) -> dict[str, Any] | None:
        fit: Fit | None = self.context.get("fits", {}).get(variant.pk)
        if fit is None:
            return None
        reasons = fit.lines if fit.is_compared else (fit.obstacle,)
        before = [messages_today.broken_before(fit.num_before)] if fit.num_before else []
        return {
            "ok": fit.is_ok and not fit.num_before,
            "is_compared": fit.is_compared,
            "lectures": fit.num_lectures + fit.num_missing + fit.num_before,
            "reasons": [*before, *reasons[:MOST_REASONS]],
        }

    def get_certificate(self, variant: Variant) -> dict[str, Any]:
        return certificate_with_origin(variant)

    def get_lower_bound(self, variant: Variant) -> int | None:
        bound = variant.statistics.get("lower_bound")
        return None if bound is None else int(bound)


class EntrySerializer(serializers.ModelSerializer[Entry]):
    instructors = serializers.ListField(child=serializers.CharField(), read_only=True)
    curricula = serializers.ListField(child=serializers.CharField(), read_only=True)
    electives = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Curricula of whose students at least one in ten takes it by choice."
    )

    weeks = serializers.SerializerMethodField(help_text="Weeks of the term in which it is held, counted from 1. Empty: every week.")

    def get_weeks(self, entry: Entry) -> list[int]:
        return weeks_of(entry.weeks)

    class Meta:
        model = Entry
        fields = (
            "lecture",
            "course",
            "title",
            "section",
            "instructors",
            "curricula",
            "electives",
            "size",
            "room",
            "day",
            "period",
            "length",
            "weeks",
            "is_pinned",
            "is_time_pinned",
            "is_room_pinned",
        )
        read_only_fields = fields


class PublishedEntrySerializer(EntrySerializer):
    organization = serializers.CharField(source="organization_code", read_only=True)
    term = serializers.CharField(source="term_code", allow_null=True, read_only=True)
    variant_id = serializers.UUIDField(read_only=True)

    class Meta(EntrySerializer.Meta):
        fields = (*EntrySerializer.Meta.fields, "organization", "term", "variant_id")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class EntryFilter(serializers.Serializer[Any]):
    """Filters of entries: codes, and the day counted from 0."""

    section = serializers.CharField(required=False, max_length=80)
    instructor = serializers.CharField(required=False, max_length=60)
    room = serializers.CharField(required=False, max_length=60)
    curriculum = serializers.CharField(required=False, max_length=60)
    day = serializers.IntegerField(required=False, min_value=0, max_value=6)


class PublishedFilter(EntryFilter):
    organization = serializers.CharField(required=False, max_length=40)
    term = serializers.CharField(required=False, max_length=60)


class VariantFilter(serializers.Serializer[Any]):
    job_id = serializers.UUIDField(required=False)


class ConflictFilter(serializers.Serializer[Any]):
    type = serializers.CharField(required=False, max_length=60)
    hard = serializers.BooleanField(required=False, allow_null=True, default=None)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    page = serializers.IntegerField(required=False, min_value=1)


class StudentFilter(serializers.Serializer[Any]):
    student = TextField(required=False, max_length=60, help_text="Only this student: a code.")
    section = TextField(required=False, max_length=80, help_text="Only those who attend this section: a code.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=1000)
    page = serializers.IntegerField(required=False, min_value=1)


class StudentSerializer(serializers.Serializer[Any]):
    student = serializers.CharField(help_text="The student's code.")
    sections = serializers.ListField(child=serializers.CharField(), help_text="The section attended of each course.")


class StudentPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StudentSerializer(many=True)


class ExportQuery(serializers.Serializer[Any]):
    """``as`` is a word of Python, so the fields are named in `get_fields`."""

    by = serializers.ChoiceField(choices=BY, required=False, help_text="Whose weeks: of each section, instructor, room or curriculum.")
    key = serializers.CharField(required=False, max_length=80, help_text="Only this one's lectures: a code.")
    book = serializers.ChoiceField(
        choices=tuple(BOOKS),
        required=False,
        help_text="For `pdf`: all weeks of a kind, with contents; a worker makes a large one.",
    )
    progress = serializers.BooleanField(required=False, default=False, help_text="With `book`: only how far it is.")

    def get_fields(self) -> dict[str, Any]:
        kinds = serializers.ChoiceField(choices=KINDS, help_text="The file's format.")
        return {"as": kinds, **super().get_fields()}


class RenderingQuery(serializers.Serializer[Any]):
    """Which book of a variant; `as` may be there as it is in the address to ask at."""

    book = serializers.ChoiceField(choices=tuple(BOOKS), help_text="All weeks of a kind.")

    def get_fields(self) -> dict[str, Any]:
        kind = serializers.ChoiceField(choices=("pdf",), required=False, help_text="A book is always a PDF.")
        return {"as": kind, **super().get_fields()}


class RenderingSerializer(serializers.ModelSerializer[Rendering]):
    """How far a book is. Ask again for the file once it is done."""

    status = serializers.ChoiceField(choices=Rendering.Status.choices, read_only=True)
    progress = serializers.FloatField(read_only=True, help_text="Percent.")
    pages_done = serializers.IntegerField(source="done", read_only=True)
    pages = serializers.IntegerField(source="total", read_only=True, help_text="0 until a worker has begun.")
    detail = serializers.SerializerMethodField()

    class Meta:
        model = Rendering
        fields = ("id", "book", "status", "progress", "pages_done", "pages", "detail")
        read_only_fields = fields

    def get_detail(self, row: Rendering) -> str:
        return book_detail(row)


class ConflictSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="constraint")
    name = serializers.SerializerMethodField()
    is_hard = serializers.BooleanField()
    hard = serializers.BooleanField(source="is_hard")
    amount = serializers.IntegerField()
    who = serializers.ListField(child=serializers.CharField())
    when = serializers.CharField()
    day = serializers.IntegerField(allow_null=True)
    period = serializers.IntegerField(allow_null=True)
    room = serializers.CharField()
    lectures = serializers.ListField(child=serializers.IntegerField())
    message = serializers.CharField()
    suggestion = serializers.CharField()

    def get_name(self, row: dict[str, Any]) -> str:
        return messages.constraint_label(row["constraint"])


class ConflictPage(serializers.Serializer[Any]):
    """All of them unless ``page_size`` asks for less; ``hard`` and ``soft`` are the whole variant's."""

    count = serializers.IntegerField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConflictSerializer(many=True)


def variant_data(variant: Variant, request: Request) -> dict[str, Any]:
    """One variant, with how it fits today's data where the caller may read that."""
    is_shown = is_in_use(variant.job) and is_reader(user=user_asking(request), variant=variant)
    fits = {variant.pk: fit_of(variant)} if is_shown else {}
    return dict(VariantSerializer(variant, context={"fits": fits}).data)
