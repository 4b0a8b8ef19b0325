"""Forms that check what one model alone cannot."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from academics.admin.access import ScopedForm, organization_id_of
from academics.admin.times import (
    LAST_PERIOD,
    CountedFromOne,
    check_in_week,
    day_field,
    organization_given,
    period_field,
    rating_field,
    term_given,
    week_offered,
)
from academics.models import (
    Availability,
    CourseOffering,
    Membership,
    Organization,
    Period,
    RoomPreference,
    Rule,
    RuleTimeslot,
    Term,
)
from academics.selectors import offering_num_lectures

MAX_LECTURES = 32_767


def _time_zones() -> list[tuple[str, str]]:
    return [("", "Choose one"), *((name, name.replace("_", " ")) for name in sorted(available_timezones()))]


class OrganizationForm(ScopedForm):
    """A time zone is chosen, not spelled: calendars cannot be made in one that does not exist."""

    time_zone = forms.ChoiceField(choices=_time_zones, initial="UTC", widget=UnfoldAdminSelectWidget, help_text="Of all clock times.")

    class Meta:
        model = Organization
        fields = ("code", "name", "time_zone", "is_public", "needs_two_people", "min_free_days", "min_free_half_days")


class MembershipForm(ScopedForm):
    """Names the user by username: an organization's administrator does not see the list of all users."""

    username = forms.CharField(max_length=150, widget=UnfoldAdminTextInputWidget, help_text="Of a user who can sign in already.")

    class Meta:
        model = Membership
        fields = ("organization", "role", "notify_reviews", "notify_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["username"].initial = self.instance.user.username
            self.fields["username"].disabled = True

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        user = User.objects.filter(username=username).first()
        if user is None:
            raise forms.ValidationError(f"No user is called {username!r}. Check the spelling, or ask for an account first.")
        self.instance.user = user
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        organization_id = self._organization_id(cleaned)
        if self.instance.user_id and organization_id:
            others = Membership.objects.filter(user_id=self.instance.user_id, organization_id=organization_id).exclude(pk=self.instance.pk)
            if others.exists():
                self.add_error("username", f"{self.instance.user} is a member already. Change that membership instead.")
        return cleaned


class TermScopedForm(ScopedForm):
    """A row of a term: its timeslot lies in the term's grid, and its offerings are the term's."""

    empty = ("", "")  # what it means to choose no day, and no period

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week_offered(self, term_given(self), organization_given(self), empty=self.empty)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        term = cleaned.get("term") or (self.instance.term if self.instance.term_id else None)
        if term is not None:
            check_in_week(self, cleaned, term)
            self._check_offerings(cleaned, term)
        return cleaned

    def _check_offerings(self, cleaned: dict[str, Any], term: Term) -> None:
        for name, value in list(cleaned.items()):
            chosen = [value] if isinstance(value, CourseOffering) else value if name == "offerings" else []
            for offering in chosen:
                if offering.term_id != term.pk:
                    self.add_error(name, f"{offering} is of another term. Choose offerings of {term}.")
        section = cleaned.get("section")
        if section is not None and section.offering.term_id != term.pk:
            self.add_error("section", f"{section} is of another term. Choose a section of {term}.")


class EnrolmentForm(ScopedForm):
    """A student sits in a section of the offering that the enrolment is for."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        section, offering = cleaned.get("section"), cleaned.get("offering")
        if section is not None and offering is not None and section.offering_id != offering.pk:
            self.add_error("section", f"{section} is a section of {section.offering}. Choose one of {offering}, or none.")
        return cleaned


class AvailabilityForm(TermScopedForm):
    """One time of one person, room, offering or section, in words."""

    day = day_field()
    period = period_field()
    rating = rating_field()

    class Meta:
        model = Availability
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.parent is None and not any(
            cleaned.get(name) or name in self.errors for name in ("instructor", "room", "offering", "section")
        ):
            raise forms.ValidationError("Choose whose time this is: an instructor, a room, an offering or a section.")
        return cleaned


class PeriodForm(ScopedForm):
    index = CountedFromOne(highest=LAST_PERIOD + 1, label="Number in the day", help_text="1 is the first period of the day.")

    class Meta:
        model = Period
        fields = "__all__"


class RoomPreferenceForm(ScopedForm):
    rank = CountedFromOne(highest=100, initial=0, label="Choice", help_text="1 is the first choice.")

    class Meta:
        model = RoomPreference
        fields = "__all__"


class RuleTimeslotForm(ScopedForm):
    """A timeslot that a rule lists lies in the grid of the rule's term."""

    day = day_field(required=False)
    period = period_field(required=False)

    class Meta:
        model = RuleTimeslot
        fields = ("day", "period")

    def parent_known(self) -> None:
        rule = self.parent if isinstance(self.parent, Rule) else None
        term = rule.term if rule is not None and rule.term_id else None
        week_offered(self, term, organization_id_of(rule) if rule else None, empty=("Every day", "The whole day"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if isinstance(self.parent, Rule) and self.parent.term_id:
            check_in_week(self, cleaned, self.parent.term)
        return cleaned


class RuleForm(TermScopedForm):
    """A rule says something that a run can keep."""

    day = day_field(required=False, help_text="For a fixed day or a fixed time.")
    period = period_field(required=False, help_text="For a fixed time.")
    lecture = CountedFromOne(
        highest=MAX_LECTURES,
        initial=0,
        help_text="For something fixed: which lecture of the offering. 1 is the first of its first section.",
    )
    empty = ("None", "None")

    class Meta:
        model = Rule
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY, Rule.Kind.PIN_ROOM):
            self._check_lecture(cleaned)
        if cleaned.get("kind") in Rule.IN_ORDER:
            self._check_first(cleaned)
        return cleaned

    def _check_first(self, cleaned: dict[str, Any]) -> None:
        """Of one offering its own lectures come in order; of several one has to be named as the first."""
        first, offerings = cleaned.get("first"), list(cleaned.get("offerings") or ())
        if first is None and len(offerings) > 1:
            self.add_error("first", "Choose the offering that comes first; the others come after it.")
        elif first is not None and offerings and set(offerings) <= {first}:
            self.add_error("offerings", f"Choose what comes after {first}.")

    def _check_lecture(self, cleaned: dict[str, Any]) -> None:
        for offering in cleaned.get("offerings") or ():
            lectures = offering_num_lectures(offering=offering)
            if (cleaned.get("lecture") or 0) >= lectures:
                known = f"choose 1 to {lectures}" if lectures else "enter its weekly lectures first"
                self.add_error("lecture", f"{offering} has {lectures or 'no'} lectures: {known}.")
