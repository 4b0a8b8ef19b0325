"""Shapes of exceptions over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from generation.dates.messages import day_words
from generation.models import LectureException
from generation.web.pagination import RowPages
from generation.web.serializers import TermQuery, TextField


class ExceptionsQuery(TermQuery):
    from_date = serializers.DateField(required=False, help_text="Only of this day and later ones.")
    to_date = serializers.DateField(required=False, help_text="Only of this day and earlier ones.")
    page = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=RowPages.max_page_size)


class ExceptionRequestSerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="The day on which the timetable has the lecture.")
    lecture = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="Its number in the timetable of that day.")
    variant_id = serializers.UUIDField(required=False, help_text="In which it has that number; where another one holds by now: 409.")
    kind = serializers.ChoiceField(choices=LectureException.Kind.choices)
    to_date = serializers.DateField(required=False, allow_null=True, default=None, help_text="Moved: the day; left out: the same.")
    to_period = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=63, help_text="Moved: its first period; left out: the same."
    )
    room = TextField(required=False, allow_blank=True, default="", max_length=60, help_text="Instead of its own; when it moves or alone.")
    absent = TextField(
        required=False, allow_blank=True, default="", max_length=60, help_text="Who is covered. Not needed where only one teaches."
    )
    cover = TextField(required=False, allow_blank=True, default="", max_length=60, help_text="The instructor who covers.")
    note = TextField(required=False, allow_blank=True, default="", max_length=300, help_text="Read by everybody who sees the lecture.")


class ExceptionSerializer(serializers.ModelSerializer[LectureException]):
    term = serializers.CharField(source="term.code", read_only=True)
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True, read_only=True)
    day = serializers.SerializerMethodField(help_text="The date in words.")

    class Meta:
        model = LectureException
        fields: tuple[str, ...] = (
            "id",
            "term",
            "course",
            "section",
            "ordinal",
            "date",
            "day",
            "kind",
            "to_date",
            "to_period",
            "room",
            "absent",
            "cover",
            "note",
            "created_by",
            "created_at",
        )
        read_only_fields = fields

    def get_day(self, row: LectureException) -> str:
        return day_words(row.date)


class ExceptionMadeSerializer(ExceptionSerializer):
    students_elsewhere = serializers.IntegerField(
        read_only=True, help_text="How many of its students have another lecture at the time to which it moves."
    )

    class Meta(ExceptionSerializer.Meta):
        fields = (*ExceptionSerializer.Meta.fields, "students_elsewhere")
        read_only_fields = fields


class ExceptionPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ExceptionSerializer(many=True)
