"""Shapes of changes by hand: places for a lecture, edits, and what a second editor is told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation.editing.text import edit_sentence, edit_words
from generation.editing.week_choices import WHOSE
from generation.models import Edit
from generation.variants.serializers import EntrySerializer
from generation.web.serializers import TextField

ACTIONS = ("move", "swap", "pin", "unpin")
MOST_PLACES = 50
MOST_SWAPS = 60
MOST_CHAINS = 10
MOST_ALSO = 2
MOST_CHOICES = 100


class ChangeSerializer(serializers.Serializer[Any]):
    """By how much a constraint's cost changes."""

    constraint = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_hard = serializers.BooleanField()
    amount = serializers.IntegerField()


class TurnSerializer(serializers.Serializer[Any]):
    newly = serializers.IntegerField(help_text="Who come to have two things at once.")
    freed = serializers.IntegerField(help_text="Who no longer have.")


class ClashingSerializer(serializers.Serializer[Any]):
    """Who comes to clash there, and who no longer does, beside where the lecture is now."""

    students = TurnSerializer()
    instructors = TurnSerializer()
    sections = TurnSerializer(help_text="Other sections that share people with it, or must not overlap it.")


class LecturePlaceSerializer(serializers.Serializer[Any]):
    """A start and a room; `hard` and `soft` are changes beside where the lecture is now."""

    day = serializers.IntegerField()
    period = serializers.IntegerField()
    when = serializers.CharField(help_text="Day and clock time in words.")
    room = serializers.CharField()
    is_current = serializers.BooleanField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    changes = ChangeSerializer(many=True)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it would break rules that hold now.")
    people = ClashingSerializer()


class AffectedSerializer(serializers.Serializer[Any]):
    """Whose week changes wherever the lecture moves."""

    students = serializers.IntegerField()
    instructors = serializers.IntegerField()


class ChainMoveSerializer(serializers.Serializer[Any]):
    """Where one lecture of a chain goes."""

    lecture = serializers.IntegerField()
    course = serializers.CharField()
    section = serializers.CharField()
    day = serializers.IntegerField()
    period = serializers.IntegerField()
    when = serializers.CharField(help_text="Day and clock time in words.")
    room = serializers.CharField()


class ChainSerializer(serializers.Serializer[Any]):
    """Moves to be made together, the lecture's own first; `hard` and `soft` are changes beside the timetable as it is."""

    moves = ChainMoveSerializer(many=True)
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    changes = ChangeSerializer(many=True)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="The rules that would be broken then.")


class PlacesSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    lecture = EntrySerializer()
    who_names = serializers.ListField(
        child=serializers.CharField(), help_text="The lecture's instructors by name, where `instructors` has codes."
    )
    affected = AffectedSerializer()
    places = LecturePlaceSerializer(many=True)
    chains = ChainSerializer(many=True, help_text="Ways in which one or two others make way for it, where `chains` asks for them.")


class PlacesQuery(serializers.Serializer[Any]):
    best = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_PLACES, help_text="So many of the best places instead of every start."
    )
    chains = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=MOST_CHAINS,
        help_text="So many chains of two or three moves that bring it elsewhere.",
    )
    room = serializers.CharField(required=False, max_length=60, help_text="Only in this room; left out: the best room for each start.")


class SwapsQuery(serializers.Serializer[Any]):
    others = serializers.CharField(max_length=2000, help_text=f"The numbers of 1 to {MOST_SWAPS} lectures, with commas between them.")

    def validate_others(self, text: str) -> list[int]:
        numbers = [part.strip() for part in text.split(",")]
        if len(numbers) > MOST_SWAPS or not all(part.isdecimal() and len(part) < 10 for part in numbers):
            raise serializers.ValidationError(
                f"{text[:60]!r} is not a list of 1 to {MOST_SWAPS} numbers of lectures with commas between them, as in 3,17."
            )
        return list(dict.fromkeys(int(part) for part in numbers))


class SwapSerializer(serializers.Serializer[Any]):
    """A lecture to change places with; `hard` and `soft` are changes beside the timetable as it is."""

    lecture = serializers.IntegerField()
    course = serializers.CharField()
    section = serializers.CharField()
    day = serializers.IntegerField()
    period = serializers.IntegerField()
    when = serializers.CharField(help_text="Day and clock time in words.")
    room = serializers.CharField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    changes = ChangeSerializer(many=True)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="The rules that would be broken then.")


class SwapsSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    lecture = EntrySerializer()
    swaps = SwapSerializer(many=True, help_text="Without lectures that are pinned or have no place.")


class WeeksQuery(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=WHOSE, default="section")
    q = serializers.CharField(required=False, allow_blank=True, max_length=100, default="", help_text="What the code or name holds.")
    num = serializers.IntegerField(min_value=1, max_value=MOST_CHOICES, default=20)


class ChoiceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class WeeksSerializer(serializers.Serializer[Any]):
    results = ChoiceSerializer(many=True)


class AlsoSerializer(serializers.Serializer[Any]):
    """A further lecture that moves in the same change."""

    lecture = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    day = serializers.IntegerField(min_value=0, max_value=31)
    period = serializers.IntegerField(min_value=0, max_value=96)
    room = TextField(max_length=60)


class EditRequestSerializer(serializers.Serializer[Any]):
    """A change by hand. A move without `room` takes the best room; one without `day` and `period` changes the room alone."""

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="The variant's revision that you have seen.")
    action = serializers.ChoiceField(choices=ACTIONS)
    lecture = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    day = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=31)
    period = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=96)
    room = TextField(required=False, allow_null=True, max_length=60)
    other = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**31 - 1, help_text="For `swap`: the lecture to change places with."
    )
    what = serializers.ChoiceField(choices=("time", "room", "both"), default="both", help_text="For `pin` and `unpin`.")
    also = serializers.ListField(
        child=AlsoSerializer(),
        required=False,
        default=list,
        max_length=MOST_ALSO,
        help_text=f"For `move`: up to {MOST_ALSO} lectures that make way, as a chain of `places` has them.",
    )


class RevisionSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="The variant's revision that you have seen.")


class EditedStateSerializer(serializers.Serializer[Any]):
    day = serializers.IntegerField(allow_null=True)
    period = serializers.IntegerField(allow_null=True)
    room = serializers.CharField(allow_blank=True)
    is_time_pinned = serializers.BooleanField()
    is_room_pinned = serializers.BooleanField()


class EditedLectureSerializer(serializers.Serializer[Any]):
    lecture = serializers.IntegerField()
    course = serializers.CharField()
    section = serializers.CharField()
    before = EditedStateSerializer()
    after = EditedStateSerializer()


class EditSerializer(serializers.ModelSerializer[Edit]):
    user = serializers.SerializerMethodField()
    changes = EditedLectureSerializer(many=True, read_only=True)
    target = serializers.SerializerMethodField(help_text="The number of the edit that was undone or done again.")
    undone_by = serializers.SerializerMethodField(help_text="The number of the edit that undid this one; null while it holds.")
    words = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Edit
        fields = ("number", "action", "user", "created_at", "changes", "hard", "soft", "target", "undone_by", "words", "sentence")
        read_only_fields = fields

    def get_user(self, edit: Edit) -> str | None:
        return edit.user.get_username() if edit.user else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_target(self, edit: Edit) -> int | None:
        return edit.target.number if edit.target else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_undone_by(self, edit: Edit) -> int | None:
        return edit.undone_by.number if edit.undone_by else None

    def get_words(self, edit: Edit) -> str:
        return edit_words(edit, self.context["clocks"], self.context["naming"])

    def get_sentence(self, edit: Edit) -> str:
        return edit_sentence(edit, self.context["clocks"], self.context["naming"])


class EditedSerializer(serializers.Serializer[Any]):
    """The variant after a change, evaluated anew; `edit` is null where nothing had to change."""

    revision = serializers.IntegerField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    edit = EditSerializer(allow_null=True)
    changed = EntrySerializer(many=True)
    undo = serializers.CharField(allow_null=True, help_text="What an undo would take back.")
    redo = serializers.CharField(allow_null=True, help_text="What a redo would make again.")


class StaleSerializer(serializers.Serializer[Any]):
    """The state does not allow it. Where somebody was faster, `since` says what they did; nothing was overwritten."""

    detail = serializers.CharField()
    revision = serializers.IntegerField(required=False)
    since = EditSerializer(many=True, required=False)
