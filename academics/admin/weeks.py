"""A whole week marked on one page: the times of an instructor, a room, an offering or a section, as a table of days and periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from academics.admin.access import ScopedAdmin
from academics.admin.term_weeks import WeeksForm
from academics.admin.times import names_of, organization_given
from academics.models import Availability, CourseOffering, Section, Term
from academics.week_labels import DAY_NAMES, RATINGS

Slot = tuple[int, int]  # day and period, as they are stored
OF_OTHERS = "These times were marked in the week of another institution. Mark them again in this one's."


@dataclass(frozen=True, slots=True)
class Week:
    """One term's week: what is marked in it, and how many marks lie outside."""

    term: Term
    periods: dict[int, str]
    marks: dict[Slot, int] = field(default_factory=dict)
    num_outside: int = 0

    @property
    def slots(self) -> Iterator[Slot]:
        return ((day, period) for period in self.periods for day in range(self.term.num_days))

    def key(self, slot: Slot) -> str:
        return f"{self.term.pk}-{slot[0]}-{slot[1]}"


def _owned(row: models.Model) -> dict[str, models.Model]:
    """Marks of the row, as a filter and as what a new mark is given."""
    return {"offering" if isinstance(row, CourseOffering) else str(row._meta.model_name): row}


def weeks_of(row: models.Model, organization_id: int | None) -> list[Week]:
    """The weeks that can be marked: of the offering's term; else of the current terms, and of those that have marks."""
    marks = list(Availability.objects.filter(**_owned(row)).order_by("id")) if row.pk else []
    if isinstance(row, CourseOffering | Section):
        terms = [row.term if isinstance(row, CourseOffering) else row.offering.term] if row.pk else []
    else:
        marked = {mark.term_id for mark in marks}
        found = Term.objects.filter(Q(is_current=True) | Q(pk__in=marked), organization=organization_id)
        terms = list(found.order_by("-is_current", "-starts_on", "-id").prefetch_related("periods"))
    return [_week(term, [mark for mark in marks if mark.term_id == term.pk]) for term in terms]


def _week(term: Term, marks: list[Availability]) -> Week:
    periods = names_of(term)
    inside = {(mark.day, mark.period): mark.rating for mark in marks if mark.day < term.num_days and mark.period in periods}
    outside = sum((mark.day, mark.period) not in inside for mark in marks)
    return Week(term, periods, inside, outside)


class WeekWidget(forms.Widget):
    """A choice in each cell. What a cell was when the page was made comes back too, so that another's marks are not taken away."""

    template_name = "admin/academics/week.html"
    weeks: list[Week]
    advice = ""

    def __init__(self) -> None:
        super().__init__()
        self.weeks = []

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        changed = value if isinstance(value, Mapping) else {}
        shown = [self._shown(name, week, changed.get(week.term.pk, {})) for week in self.weeks]
        return render_to_string(self.template_name, {"weeks": shown, "advice": self.advice, "ratings": RATINGS.items()})

    def _shown(self, name: str, week: Week, changed: Mapping[Slot, int]) -> dict[str, Any]:
        rows = [
            (words, [self._cell(name, week, changed, (day, period)) for day in range(week.term.num_days)])
            for period, words in week.periods.items()
        ]
        return {"term": week.term, "days": DAY_NAMES[: week.term.num_days], "rows": rows, "num_outside": week.num_outside}

    @staticmethod
    def _cell(name: str, week: Week, changed: Mapping[Slot, int], slot: Slot) -> dict[str, Any]:
        was = week.marks.get(slot, 0)
        words = f"{DAY_NAMES[slot[0]]}, {week.periods[slot[1]]}"
        return {"name": f"{name}-{week.key(slot)}", "words": words, "was": was, "rating": changed.get(slot, was)}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[int, dict[Slot, Any]]:
        """By term, what was chosen in the cells that changed since the page was made."""
        changed: dict[int, dict[Slot, Any]] = {}
        for week in self.weeks:
            for slot in week.slots:
                key = f"{name}-{week.key(slot)}"
                chosen, was = data.get(key), data.get(f"{key}-was", str(week.marks.get(slot, 0)))
                if chosen is not None and chosen != was:
                    changed.setdefault(week.term.pk, {})[slot] = int(chosen) if chosen in map(str, RATINGS) else chosen
        terms = {str(week.term.pk) for week in self.weeks}
        if any(key.startswith(f"{name}-") and key.split("-")[1] not in terms and data.get(key) not in ("0", "") for key in data):
            changed[0] = {}
        return changed

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class WeekField(forms.Field):
    widget: WeekWidget = WeekWidget  # type: ignore[assignment]

    def clean(self, value: dict[int, dict[Slot, Any]]) -> dict[int, dict[Slot, int]]:
        if 0 in value:
            raise forms.ValidationError(OF_OTHERS)
        for marks in value.values():
            for (day, _), rating in marks.items():
                if not isinstance(rating, int):
                    known = ", ".join(f"{number} ({words})" for number, words in RATINGS.items())
                    raise forms.ValidationError(f"{DAY_NAMES[day]}: {rating!r} is no rating. They are {known}.")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class WeekForm(WeeksForm):
    """A row with the weeks in which its times are marked."""

    week = WeekField(required=False, label="Times")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "week" in self.fields:
            widget = self.fields["week"].widget
            widget.weeks = weeks_of(self.instance, organization_given(self))
            widget.advice = "" if widget.weeks else self._advice()

    def _advice(self) -> str:
        if isinstance(self.instance, CourseOffering | Section):
            return "Save first: then the week of its term can be marked here."
        return "There is no current term whose week could be marked. Enter one under Terms first."

    def week_save(self) -> None:
        """Writes what changed, and leaves every other mark as it is."""
        owner = _owned(self.instance)
        for term_id, marks in self.cleaned_data.get("week", {}).items():
            mine = Availability.objects.filter(**owner, term_id=term_id)
            for day in {day for day, _ in marks}:
                mine.filter(day=day, period__in=[period for at, period in marks if at == day]).delete()
            facts = {**owner, "term_id": term_id, "organization_id": self.instance.organization_id}
            Availability.objects.bulk_create(
                Availability(**facts, day=day, period=period, rating=rating) for (day, period), rating in marks.items() if rating
            )


class WeekAdmin(ScopedAdmin):
    """An admin of rows whose times can be marked; the week stands below the other fields."""

    form = WeekForm
    week_help = ""
    is_week_folded = False

    class Media:
        css = {"all": ("css/week.css",)}
        js = ("js/admin_week.js",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [name for name in self.get_fields(request, obj) if name != "week"]
        classes = ("collapse",) if self.is_week_folded else ()
        week = {"fields": ("week",), "description": self.week_help, "classes": classes}
        return ((None, {"fields": fields}), ("Times of the week", week))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.week_save()
