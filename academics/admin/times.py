"""Days, periods and ratings in words: as fields of forms, columns of lists and filters. What is stored stays numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from academics.admin.access import rows_administered
from academics.models import Organization, Period, Term
from academics.week_labels import DAY_NAMES, RATINGS, day_name, period_name, period_names, rating_words

LAST_DAY, LAST_PERIOD = 6, 63
Choices = list[tuple[Any, str]]


def names_of(term: Term) -> dict[int, str]:
    """The periods of a term in words. One query for each object that stands for the term."""
    if not hasattr(term, "_period_names"):
        term._period_names = period_names(term.periods.all())  # type: ignore[attr-defined]
    found: dict[int, str] = term._period_names  # type: ignore[attr-defined]
    return found


def names_among(periods: QuerySet[Period]) -> dict[int, str]:
    """The periods of several terms in words: a number that has several clock times says so."""
    of_term: dict[int, list[Period]] = defaultdict(list)
    for period in periods.order_by("term", "index"):
        of_term[period.term_id].append(period)
    words: dict[int, list[str]] = defaultdict(list)
    for rows in of_term.values():
        for index, name in period_names(rows).items():
            if name not in words[index]:
                words[index].append(name)
    return {index: names[0] if len(names) == 1 else f"period {index + 1}" for index, names in sorted(words.items())}


class ChosenNumber(forms.TypedChoiceField):
    """A number that is stored, chosen by its name. Whether the term has it is for the form to say, which knows the term."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, *, lowest: int = 0, highest: int, **kwargs: Any) -> None:
        self.lowest, self.highest = lowest, highest
        super().__init__(coerce=int, empty_value=None, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return str(value).removeprefix("-").isdecimal() and self.lowest <= int(value) <= self.highest


class CountedFromOne(forms.IntegerField):
    """Stored from 0, as the first of a list; people count from 1."""

    widget = UnfoldAdminIntegerFieldWidget

    def __init__(self, *, highest: int, **kwargs: Any) -> None:
        self.highest = highest
        super().__init__(**kwargs)
        self.widget.attrs |= {"min": 1, "max": highest}

    def to_python(self, value: Any) -> int | None:
        number = super().to_python(value)
        if number is not None and not 1 <= number <= self.highest:
            raise forms.ValidationError(f"{number} is not a number from 1 to {self.highest}.")
        return None if number is None else number - 1

    def prepare_value(self, value: Any) -> Any:
        return value + 1 if isinstance(value, int) else value


def day_field(**kwargs: Any) -> ChosenNumber:
    return ChosenNumber(highest=LAST_DAY, **kwargs)


def period_field(**kwargs: Any) -> ChosenNumber:
    return ChosenNumber(highest=LAST_PERIOD, **kwargs)


def rating_field() -> ChosenNumber:
    choices = [(rating, rating_words(rating)) for rating in RATINGS]
    lowest, highest = min(RATINGS), max(RATINGS)
    return ChosenNumber(lowest=lowest, highest=highest, choices=choices, initial=lowest, label="Rating")


def week_offered(form: forms.ModelForm, term: Term | None, organization_id: int | None, *, empty: tuple[str, str] = ("", "")) -> None:
    """Gives the form's fields of a day and a period the words of the term, or of the organization's terms while none is chosen."""
    if term is not None:
        num_days, names = term.num_days, names_of(term)
    else:
        num_days, names = len(DAY_NAMES), names_among(Period.objects.filter(term__organization=organization_id))
    named = {"day": {day: DAY_NAMES[day] for day in range(num_days)}, "period": names}
    for name, blank in zip(("day", "period"), empty, strict=True):
        field = form.fields.get(name)
        if isinstance(field, ChosenNumber):
            field.choices = _choices(named[name], name, getattr(form.instance, name), blank or "Choose one")


def _choices(named: dict[int, str], name: str, current: int | None, blank: str) -> Choices:
    found: Choices = [("", blank), *((number, words[0].upper() + words[1:]) for number, words in named.items())]
    if current is not None and current not in named:
        words = DAY_NAMES[current % 7] if name == "day" else f"Period {current + 1}"
        found.append((current, f"{words} (not in this week)"))
    return found


def check_in_week(form: forms.ModelForm, cleaned: dict[str, Any], term: Term) -> None:
    """Refuses a day or a period that the term does not have, and says which ones it has."""
    day, period, names = cleaned.get("day"), cleaned.get("period"), names_of(term)
    if day is not None and day >= term.num_days:
        form.add_error("day", f"{day_name(day)} is not a day of {term}: its week has {days_words(term.num_days)}.")
    if period is not None and period not in names:
        words = list(names.values())
        known = f"choose from {words[0]} to {words[-1]}" if words else "it has none yet; enter them on the term's page first"
        form.add_error("period", f"{period_name(period).capitalize()} is not a period of {term}: {known}.")


def days_words(num_days: int) -> str:
    return DAY_NAMES[0] if num_days == 1 else f"{DAY_NAMES[0]} to {DAY_NAMES[num_days - 1]}"


class WeekColumns:
    """Columns of a list whose rows have a day and a period; the list prefetches the periods of its terms."""

    @display(description="day", ordering="day")
    def day_words(self, row: Any) -> str:
        return "-" if row.day is None else day_name(row.day)

    @display(description="period", ordering="period")
    def period_words(self, row: Any) -> str:
        return "-" if row.period is None else period_name(row.period, names_of(row.term)).removeprefix("period ")


class DayFilter(DropdownFilter):
    title = "day"
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        most = rows_administered(request, Term.objects.all()).order_by("-num_days").values_list("num_days", flat=True).first()
        return [(str(day), DAY_NAMES[day]) for day in range(most or 5)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _narrowed(queryset, "day", self.value(), self.lookup_choices)


class PeriodFilter(DropdownFilter):
    title = "period"
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        periods = rows_administered(request, Period.objects.all())
        return [(str(index), words[0].upper() + words[1:]) for index, words in names_among(periods).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _narrowed(queryset, "period", self.value(), self.lookup_choices)


class RatingFilter(DropdownFilter):
    title = "rating"
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(rating), rating_words(rating)) for rating in RATINGS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _narrowed(queryset, "rating", self.value(), self.lookup_choices)


class OwnerFilter(DropdownFilter):
    """Marks of people, of rooms, or of what is taught."""

    title = "whose"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("instructor", "Instructors"), ("room", "Rooms"), ("offering", "Offerings"), ("section", "Sections")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {name for name, _ in self.lookup_choices}
        return queryset.filter(**{f"{self.value()}__isnull": False}) if self.value() in known else queryset


def _narrowed(queryset: QuerySet[Any], field: str, value: str | None, offered: Iterable[tuple[Any, str]]) -> QuerySet[Any]:
    return queryset.filter(**{field: int(value)}) if value in {each for each, _ in offered} and value is not None else queryset


def organization_given(form: forms.ModelForm) -> int | None:
    """The organization of a form that is being filled in: what was posted, is stored, or is offered first."""
    if form.instance.pk or getattr(form.instance, "organization_id", None):
        return int(form.instance.organization_id)
    found = form.data.get(form.add_prefix("organization")) if form.is_bound else form.initial.get("organization")
    if isinstance(found, Organization):
        return int(found.pk)
    return int(found) if found is not None and str(found).isdecimal() else None


def term_given(form: forms.ModelForm) -> Term | None:
    """The term of a form that is being filled in, when it is of the organization that the form is about."""
    if form.instance.pk and not form.is_bound:
        return form.instance.term  # type: ignore[no-any-return]
    found = form.data.get(form.add_prefix("term")) if form.is_bound else form.initial.get("term")
    if isinstance(found, Term):
        return found
    if found is None or not str(found).isdecimal():
        return None
    return Term.objects.filter(pk=int(found), organization=organization_given(form)).first()
