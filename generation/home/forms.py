"""What people may ask of a new timetable, in their words. The service checks the ranges again."""

from __future__ import annotations

from typing import Any

from django import forms

from academics.models import Department, Organization, Term
from generation.engine.change.budget import MOST
from generation.engine.model.problem import WEIGHT_IDS, Weights
from generation.retention.request import KINDS, NOTHING
from generation.text.messages import constraint_label

TIMES = (
    ("30", "30 seconds, a first look"),
    ("60", "1 minute"),
    ("300", "5 minutes"),
    ("900", "15 minutes, for the final one"),
    ("other", "Another time"),
)
VARIANTS = [(str(number), str(number)) for number in range(1, 5)]


class NewTimetableForm(forms.Form):
    term = forms.ModelChoiceField(Term.objects.none(), empty_label=None, required=False)
    time = forms.ChoiceField(choices=TIMES, initial="60")
    time_other_s = forms.FloatField(required=False, min_value=1)
    variants = forms.ChoiceField(choices=VARIANTS, initial="3")
    seed = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    keep = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], initial=NOTHING, required=False)
    keep_from = forms.CharField(required=False, max_length=60)
    keep_departments = forms.MultipleChoiceField(required=False)
    keep_leave_out = forms.BooleanField(required=False)
    max_lectures = forms.IntegerField(required=False, min_value=0, max_value=MOST)
    max_people = forms.IntegerField(required=False, min_value=0, max_value=MOST)
    only_rooms = forms.BooleanField(required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = Term.objects.filter(organization=organization).order_by("-is_current", "-starts_on", "code")
        self.fields["term"].queryset = terms  # type: ignore[attr-defined]
        codes = Department.objects.filter(organization=organization).values_list("code", flat=True)
        self.fields["keep_departments"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        usual = Weights().as_dict() | organization.weights
        for name in WEIGHT_IDS:
            field = forms.IntegerField(required=False, min_value=0, max_value=100, label=constraint_label(name))
            field.widget.attrs["placeholder"] = f"usually {usual[name]}"
            self.fields[f"weight_{name}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("time") == "other" and cleaned.get("time_other_s") is None and "time_other_s" not in self.errors:
            self.add_error("time_other_s", "Say how many seconds the run may take.")
        if cleaned.get("keep") not in ("", None, NOTHING) and not cleaned.get("keep_from"):
            self.add_error("keep_from", "Choose the timetable whose lectures stay.")
        return cleaned

    @property
    def time_limit_s(self) -> float:
        time = self.cleaned_data["time"]
        return float(self.cleaned_data["time_other_s"] if time == "other" else time)

    @property
    def weights(self) -> dict[str, int]:
        """Only what was filled in."""
        filled = {name: self.cleaned_data.get(f"weight_{name}") for name in WEIGHT_IDS}
        return {name: value for name, value in filled.items() if value is not None}

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        return [self[f"weight_{name}"] for name in WEIGHT_IDS]
