"""The institution's data for timetabling. Every row belongs to one organization."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.module_loading import import_string

# Django looks for an app's models in this module.
from academics.import_models import ArchiveReading as ArchiveReading
from academics.import_models import ImportBatch as ImportBatch
from academics.import_models import ImportFile as ImportFile
from academics.import_models import ImportMapping as ImportMapping
from academics.import_models import ImportRecipe as ImportRecipe
from academics.import_models import ImportUndo as ImportUndo
from academics.import_models import LongWork as LongWork
from academics.plain_text import text_plain
from academics.term_weeks import LONGEST_TEXT, says_weeks
from academics.week_labels import BLOCKED, DAY_NAMES, day_name, period_name, rating_words
from academics.without_room import room_kind_read

MAX_WEIGHT = 10_000
FIRST_YEAR, LAST_YEAR = 1970, 2200
LONGEST_TERM_DAYS = 800  # a calendar counts every week of it
MAX_SECTIONS = 500
MAX_FREE_DAYS = 7


def cost_ids() -> tuple[str, ...]:
    """The constraints whose cost an institution may set: the setting CONSTRAINT_COSTS says where the engine lists them."""
    found: tuple[str, ...] = import_string(settings.CONSTRAINT_COSTS)
    return found


class Organization(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    weights = models.JSONField(default=dict, blank=True, help_text="Costs that differ from the standard ones, by constraint.")
    hardness = models.JSONField(
        default=dict, blank=True, editable=False, help_text="By constraint: whether it must be kept, where that is not as usual."
    )
    needs_two_people = models.BooleanField(
        "two people decide",
        default=False,
        help_text="Whoever puts a timetable forward, or writes a waiver for it, may not approve it.",
    )
    # What a published format needs to be written back (for ITC-2007: course order and teachers).
    source = models.JSONField(default=dict, blank=True, editable=False)
    is_public = models.BooleanField(
        "published timetables are public",
        default=False,
        help_text="Everybody can read them without signing in. Otherwise only members can.",
    )
    min_free_days = models.PositiveSmallIntegerField(
        "free days of every instructor",
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MAX_FREE_DAYS)],
        help_text="Days a week without teaching, at least. An instructor's own number counts instead where it is not 0.",
    )
    min_free_half_days = models.PositiveSmallIntegerField(
        "free half-days of every instructor",
        default=0,
        db_default=0,
        validators=[MaxValueValidator(2 * MAX_FREE_DAYS)],
        help_text="The same in mornings and afternoons. A day without teaching is two.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "institution"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not isinstance(self.weights, dict):
            raise ValidationError({"weights": 'Give a name and a cost for each, as in {"compactness": 3}.'})
        for name, cost in self.weights.items():
            if name not in cost_ids():
                raise ValidationError({"weights": f"{name!r} is not a constraint with a cost. They are: {', '.join(cost_ids())}."})
            if type(cost) is not int or not 0 <= cost <= MAX_WEIGHT:
                raise ValidationError({"weights": f"{name}: {cost!r} is not a whole number from 0 to {MAX_WEIGHT}."})


class Membership(models.Model):
    class Role(models.TextChoices):
        ADMIN = "admin", "Administrator"
        REVIEWER = "reviewer", "Reviewer"
        VIEWER = "viewer", "Viewer"

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    notify_reviews = models.BooleanField(
        "e-mail about reviews", default=True, help_text="When a timetable waits for a decision, or one was taken."
    )
    notify_published = models.BooleanField("e-mail when published", default=False, help_text="When a timetable is published.")

    class Meta:
        verbose_name = "member"
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_role_per_organization")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.organization}"


class OrganizationRow(models.Model):
    """A row with a code that is unique inside its organization."""

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["organization", "code"], name="%(class)s_code_per_organization")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """What is typed or pasted loses what nobody sees, as it does in an import."""
        self.code, self.name = text_plain(self.code), text_plain(self.name)
        super().clean_fields(exclude=exclude)

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Earlier rows may have a code that only looks like this one. Reads the codes of the institution."""
        super().validate_unique(exclude=exclude)
        others = type(self)._default_manager.filter(organization_id=self.organization_id).exclude(pk=self.pk)
        if any(text_plain(code) == self.code for code in others.values_list("code", flat=True) if not code.isascii()):
            raise ValidationError({"code": "This code is there already, with a space or a letter that looks the same."})


class Department(OrganizationRow):
    pass


class Building(OrganizationRow):
    pass


class RoomFeature(OrganizationRow):
    """Something a room has: projector, gas taps, wheelchair access."""


class Room(OrganizationRow):
    building = models.ForeignKey(Building, on_delete=models.SET_NULL, null=True, blank=True)
    capacity = models.PositiveIntegerField(validators=[MaxValueValidator(10_000)])
    kind = models.CharField(max_length=40, default="classroom", help_text="classroom, lab, hall ...")
    features = models.ManyToManyField(RoomFeature, blank=True)
    sharing = models.PositiveSmallIntegerField(
        "lectures at once",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How many may share the room, each with all its seats.",
    )


class Instructor(OrganizationRow):
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True)
    email = models.EmailField(blank=True)
    max_weekly_periods = models.PositiveSmallIntegerField("most periods a week", default=0, help_text="0: no limit.")
    max_daily_periods = models.PositiveSmallIntegerField("most periods a day", default=0, help_text="0: no limit.")
    max_consecutive_periods = models.PositiveSmallIntegerField("most periods on end", default=0, help_text="0: no limit.")
    can_teach: models.ManyToManyField[Course, models.Model] = models.ManyToManyField(
        "Course", blank=True, related_name="can_be_taught_by", help_text="Courses that may be given to this person."
    )
    min_free_days = models.PositiveSmallIntegerField(
        "fewest free days a week",
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MAX_FREE_DAYS)],
        help_text="Days without teaching. 0: as for every instructor of the institution.",
    )
    min_free_half_days = models.PositiveSmallIntegerField(
        "fewest free half-days a week",
        default=0,
        db_default=0,
        validators=[MaxValueValidator(2 * MAX_FREE_DAYS)],
        help_text="Mornings and afternoons without teaching; a free day is two. 0: as for every instructor of the institution.",
    )


class Term(OrganizationRow):
    """A semester with its weekly grid."""

    academic_year = models.CharField(max_length=20, blank=True)
    semester = models.CharField(max_length=20, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    is_current = models.BooleanField("current term", default=True)
    num_days = models.PositiveSmallIntegerField("days a week", default=5, validators=[MinValueValidator(1), MaxValueValidator(7)])
    week_start = models.PositiveSmallIntegerField(
        "the week begins on",
        choices=list(enumerate(DAY_NAMES)),
        default=0,
        db_default=0,
        help_text="What an order and days apart go by.",
    )
    seats_tolerance = models.PositiveSmallIntegerField(
        "students without a seat", default=0, help_text="How many a lecture may have. 0: every student has a seat."
    )
    seats_tolerance_percent = models.PositiveSmallIntegerField(
        "the same in percent",
        default=0,
        validators=[MaxValueValidator(100)],
        help_text="Of the room's seats; the larger of the two counts.",
    )

    class Meta(OrganizationRow.Meta):
        abstract = False

    def clean(self) -> None:
        for name in ("starts_on", "ends_on"):
            day = getattr(self, name)
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:  # calendars cannot count far beyond
                raise ValidationError({name: f"{day} is not a day of the years {FIRST_YEAR} to {LAST_YEAR}."})
        if self.starts_on and self.ends_on and self.starts_on >= self.ends_on:
            raise ValidationError({"ends_on": "A term ends after it starts."})
        if self.starts_on and self.ends_on and (days := (self.ends_on - self.starts_on).days) > LONGEST_TERM_DAYS:
            raise ValidationError(
                {"ends_on": f"The term would last {days:,} days; at most {LONGEST_TERM_DAYS} are allowed. Look at the years."}
            )


class Period(models.Model):
    """One row of the weekly grid: its clock times, and what follows it."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="periods")
    index = models.PositiveSmallIntegerField("number in the day", help_text="0 is the first period of the day.")
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    break_after = models.BooleanField(default=False, help_text="No lecture continues across the break that follows.")
    is_lunch = models.BooleanField("lunch time", default=False, help_text="One of the periods in which people want to eat.")

    class Meta:
        ordering = ["term", "index"]
        constraints = [models.UniqueConstraint(fields=["term", "index"], name="one_period_per_index")]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}-{self.ends_at:%H:%M}"

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValidationError({"ends_at": "A period ends after it starts."})


class Holiday(models.Model):
    """Days of a term without lectures: one, or a break of several."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=100, help_text="As people read it: Independence Day, Winter break.")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", null=True, blank=True, help_text="Empty: one day only.")

    class Meta:
        ordering = ["term", "starts_on"]
        constraints = [
            models.CheckConstraint(
                name="holiday_ends_after_it_starts", condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.starts_on}" + (f" to {self.ends_on}" if self.ends_on else "")

    def clean(self) -> None:
        for name in ("starts_on", "ends_on"):
            day = getattr(self, name)
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise ValidationError({name: f"{day} is not a day of the years {FIRST_YEAR} to {LAST_YEAR}."})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": f"The last day, {self.ends_on}, lies before the first, {self.starts_on}. Exchange them."})


class TermPart(models.Model):
    """A named set of a term's weeks: its first half, a module."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=60, help_text="As people say it: First half, Module A.")
    weeks = models.CharField(max_length=LONGEST_TEXT, help_text="Such as 1-7, odd, or 1,3,5-9.")

    class Meta:
        verbose_name = "part of the term"
        verbose_name_plural = "parts of the term"
        ordering = ["term", "id"]
        constraints = [models.UniqueConstraint(fields=["term", "name"], name="one_part_per_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A name stands for its weeks wherever weeks are written, so it must not say others by itself."""
        self.name, self.weeks = text_plain(self.name), text_plain(self.weeks)
        if says_weeks(self.name):
            raise ValidationError({"name": f"“{self.name}” says by itself which weeks are meant. Choose a name such as First half."})


class Course(OrganizationRow):
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True)


class Curriculum(OrganizationRow):
    """Courses whose students move together: their lectures never overlap."""

    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta(OrganizationRow.Meta):
        abstract = False
        verbose_name_plural = "curricula"


class StudentGroup(OrganizationRow):
    """Students who attend together, in a tree: a year, its groups, their subgroups. Who is in a group is in all that stand above it."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        help_text="The larger group that it is a part of.",
    )
    size = models.PositiveIntegerField("students", default=0, help_text="0: as many as the groups below it have.")

    def clean(self) -> None:
        """A group stands below others, never below itself."""
        above = self.parent
        if above is not None and above.organization_id != self.organization_id:
            raise ValidationError({"parent": f"{above} is of another institution. Choose a group of this one."})
        seen = set()
        while above is not None and above.pk not in seen:
            if above.pk == self.pk:
                raise ValidationError({"parent": f"{self.parent} is {self.code} itself, or a part of it. Choose another group, or none."})
            seen.add(above.pk)
            above = above.parent


class CourseOffering(models.Model):
    """A course in one term."""

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="offerings")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="offerings")
    instructors = models.ManyToManyField(Instructor, blank=True, related_name="offerings", help_text="Dealt to the sections in turn.")
    curricula = models.ManyToManyField(Curriculum, blank=True, related_name="offerings")
    groups = models.ManyToManyField(
        StudentGroup, blank=True, related_name="offerings", help_text="Who attends it. Several sections share the groups out among them."
    )
    expected_students = models.PositiveIntegerField(default=0, help_text="Used where no enrolments are known.")
    max_section_size = models.PositiveIntegerField("largest section", default=60, validators=[MinValueValidator(1)])
    num_sections = models.PositiveSmallIntegerField(
        "number of sections",
        default=0,
        validators=[MaxValueValidator(MAX_SECTIONS)],
        help_text="0: as many as the largest section asks for. More are formed where that many would be too large.",
    )
    part_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="parts",
        help_text="For a tutorial or lab: the lecture whose students attend it, section by section.",
    )
    taught_with = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="taught_along",
        help_text="For a course under two codes: the offering whose lecture it is. One teacher and one room for both.",
    )
    chooses_instructor = models.BooleanField(
        "the program chooses who teaches",
        default=False,
        db_default=False,
        help_text="Where nobody is named: one of those who can teach the course, as their loads allow.",
    )
    min_days = models.PositiveSmallIntegerField(
        "days to spread over", default=0, help_text="Days over which its lectures should be spread. 0: as is usual."
    )
    preferred_building = models.ForeignKey(Building, on_delete=models.SET_NULL, null=True, blank=True)
    weeks = models.CharField(
        max_length=LONGEST_TEXT,
        blank=True,
        default="",
        db_default="",
        help_text="Weeks of the term in which its lectures are held. Empty: every week.",
    )

    class Meta:
        verbose_name = "offering"
        ordering = ["course__code"]
        constraints = [models.UniqueConstraint(fields=["term", "course"], name="one_offering_per_term")]

    def __str__(self) -> str:
        return f"{self.course.code} ({self.term.code})"

    def clean(self) -> None:
        """A slip of the finger must not fill the worker's memory with sections."""
        if self.max_section_size and (self.expected_students or 0) > MAX_SECTIONS * self.max_section_size:
            message = f"{self.expected_students} students in sections of {self.max_section_size} are more than {MAX_SECTIONS} sections."
            raise ValidationError({"expected_students": f"{message} Expect fewer, or make the sections larger."})
        if self.part_of is not None:
            self._check_part(self.part_of)
        if self.taught_with is not None:
            self._check_cross_listing(self.taught_with)

    def _check_cross_listing(self, other: CourseOffering) -> None:
        """All codes of a lecture lead to one offering of the same term, which is not the lecture that it is a part of."""
        if other.pk == self.part_of_id:
            raise ValidationError({"taught_with": f"{self} is a part of {other}, so the two can't be one lecture."})
        if other.pk == self.pk and self.pk is not None:
            raise ValidationError({"taught_with": "An offering is always taught with itself. Choose another one, or none."})
        if other.term_id != self.term_id:
            raise ValidationError({"taught_with": f"{other} is of another term. Choose an offering of the same term."})
        if other.taught_with_id is not None:
            raise ValidationError({"taught_with": f"{other} is itself taught with {other.taught_with}. Choose that one."})
        if self.pk is not None and (along := self.taught_along.first()) is not None:
            raise ValidationError({"taught_with": f"{along} is taught with {self}. Choose for both the same third one, or none."})

    def _check_part(self, lecture: CourseOffering) -> None:
        """Parts hang on a lecture of the same term that is no part itself."""
        if lecture.pk == self.pk and self.pk is not None:
            raise ValidationError({"part_of": "An offering is no part of itself. Choose its lecture, or none."})
        if lecture.term_id != self.term_id:
            raise ValidationError({"part_of": f"{lecture} is of another term. Choose an offering of the same term."})
        if lecture.part_of_id is not None:
            raise ValidationError({"part_of": f"{lecture} is itself a part of {lecture.part_of}. Choose that lecture."})
        if self.pk is not None and self.parts.exists():
            raise ValidationError({"part_of": f"{self} has parts of its own, so it can be no part of {lecture}."})


class RoomPreference(models.Model):
    """A place that an offering's lectures would like to be in: one room, or any of a building's."""

    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, related_name="room_preferences")
    rank = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)], help_text="0 is the first choice.")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True)
    building = models.ForeignKey(Building, on_delete=models.CASCADE, null=True, blank=True)
    is_wish = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Written from an answer to a form of wishes, and taken away with it."
    )

    class Meta:
        ordering = ["offering", "rank", "id"]
        constraints = [
            models.CheckConstraint(
                name="preference_for_room_or_building",
                condition=models.Q(room__isnull=False, building__isnull=True) | models.Q(room__isnull=True, building__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room or self.building}, choice {self.rank + 1}"

    def clean(self) -> None:
        if (self.room is None) == (self.building is None):
            raise ValidationError("Choose a room or a building, and not both.")


class Meeting(models.Model):
    """Weekly lectures of one kind that every section of an offering has."""

    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, related_name="meetings")
    count = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(40)])
    length = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(12)], help_text="Periods.")
    room_kind = models.CharField(max_length=40, blank=True, help_text="Empty: any room.")
    features = models.ManyToManyField(RoomFeature, blank=True)
    weeks = models.CharField(
        max_length=LONGEST_TEXT,
        blank=True,
        default="",
        db_default="",
        help_text="Instead of the offering's and the section's. Empty: as those say.",
    )

    class Meta:
        ordering = ["offering", "id"]

    def __str__(self) -> str:
        return f"{self.count} x {self.length}"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.room_kind = room_kind_read(self.room_kind.strip())
        super().clean_fields(exclude=exclude)


class Section(models.Model):
    """A parallel group of an offering. Formed at load when the offering has none of its own."""

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, related_name="sections")
    code = models.CharField(max_length=80)
    size = models.PositiveIntegerField(default=0)
    instructors = models.ManyToManyField(Instructor, blank=True, related_name="sections")
    groups = models.ManyToManyField(
        StudentGroup, blank=True, related_name="sections", help_text="Who attends this section. Empty: its share of the offering's groups."
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="section of the lecture",
        help_text="For a section of a tutorial or lab: whose students sit in it. Empty: in turn.",
    )
    weeks = models.CharField(
        max_length=LONGEST_TEXT, blank=True, default="", db_default="", help_text="Instead of the offering's. Empty: as the offering says."
    )

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["offering", "code"], name="section_code_per_offering")]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.parent is not None and self.parent.offering_id != self.offering.part_of_id:
            lecture = self.offering.part_of
            known = f"Choose a section of {lecture}." if lecture else f"{self.offering} is not part of a lecture: leave it empty."
            raise ValidationError({"parent": f"{self.parent} is a section of {self.parent.offering}. {known}"})


class Student(OrganizationRow):
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True)
    curriculum = models.ForeignKey(Curriculum, on_delete=models.SET_NULL, null=True, blank=True, related_name="students")


class Enrolment(models.Model):
    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="enrolments")
    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, related_name="enrolments")
    section = models.ForeignKey(
        Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="enrolments", help_text="Empty: dealt when generating."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "offering"], name="one_enrolment_per_offering")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.offering_id}"


class Availability(models.Model):
    """A timeslot marked for an instructor, a room, an offering or one of its sections. Unmarked slots are open (rating 0)."""

    BLOCKED = BLOCKED

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    term = models.ForeignKey(Term, on_delete=models.CASCADE)
    instructor = models.ForeignKey(Instructor, on_delete=models.CASCADE, null=True, blank=True, related_name="availability")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="availability")
    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, null=True, blank=True, related_name="availability")
    section = models.ForeignKey(
        Section,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="availability",
        help_text="Counts instead of its offering's mark.",
    )
    day = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    period = models.PositiveSmallIntegerField(validators=[MaxValueValidator(63)])
    rating = models.SmallIntegerField(
        default=BLOCKED,
        validators=[MinValueValidator(BLOCKED), MaxValueValidator(3)],
        help_text="-4: not available; -3..-1: disliked; 1..3: liked.",
    )
    is_wish = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Written from an answer to a form of wishes, and taken away with it."
    )

    class Meta:
        verbose_name_plural = "availability"
        constraints = [
            models.CheckConstraint(
                name="availability_of_exactly_one",
                condition=models.Q(instructor__isnull=False, room__isnull=True, offering__isnull=True, section__isnull=True)
                | models.Q(instructor__isnull=True, room__isnull=False, offering__isnull=True, section__isnull=True)
                | models.Q(instructor__isnull=True, room__isnull=True, offering__isnull=False, section__isnull=True)
                | models.Q(instructor__isnull=True, room__isnull=True, offering__isnull=True, section__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organization", "term"])]

    def __str__(self) -> str:
        return f"{day_name(self.day)}, {period_name(self.period)}: {rating_words(self.rating)}"

    def clean(self) -> None:
        owners = [owner for owner in (self.instructor_id, self.room_id, self.offering_id, self.section_id) if owner is not None]
        if len(owners) > 1:
            raise ValidationError("Choose one of instructor, room, offering and section.")


class Rule(models.Model):
    """A hard or weighted constraint between particular offerings, or about them."""

    class Kind(models.TextChoices):
        PIN_TIME = "pin_time", "starts at a fixed timeslot"
        PIN_DAY = "pin_day", "is held on a fixed day"
        PIN_ROOM = "pin_room", "is held in a fixed room"
        STARTS = "starts", "start only at the listed timeslots"
        INSIDE = "inside", "meet only in the listed timeslots"
        OUTSIDE = "outside", "never meet in the listed timeslots"
        SAME_START = "same_start", "start together"
        NO_OVERLAP = "no_overlap", "never overlap"
        BEFORE = "before", "come in order in the week"
        CONSECUTIVE = "consecutive", "come in order, one right after the other"
        GROUPED = "grouped", "come one right after the other"
        SAME_DAY = "same_day", "are held on one day"
        SAME_HOUR = "same_hour", "begin in the same period of their days"
        DAYS_APART = "days_apart", "are held some days apart"

    IN_ORDER = (Kind.BEFORE, Kind.CONSECUTIVE)
    PAIRS = (*IN_ORDER, Kind.GROUPED, Kind.SAME_DAY, Kind.SAME_HOUR, Kind.DAYS_APART)
    # Kinds that a timetable may break at a price.
    WEIGHTED = (Kind.SAME_START, Kind.INSIDE, Kind.OUTSIDE, Kind.NO_OVERLAP, *PAIRS)

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    term = models.ForeignKey(Term, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    offerings = models.ManyToManyField(CourseOffering, related_name="rules")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True)
    lecture = models.PositiveSmallIntegerField(default=0, help_text="Which of the offering's lectures, counted from 0, for a pin.")
    day = models.PositiveSmallIntegerField(null=True, blank=True)
    period = models.PositiveSmallIntegerField(null=True, blank=True)
    first = models.ForeignKey(
        CourseOffering,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="For an order: the offering that comes first.",
    )
    days = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(6)], help_text="For some days apart: how many. 1: on different days."
    )
    is_hard = models.BooleanField("must be kept", default=True)
    factor = models.PositiveSmallIntegerField(
        "weight",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Where it need not be kept: how many times the usual cost.",
    )
    is_active = models.BooleanField(default=True)
    comment = models.CharField(max_length=200, blank=True)
    band = models.CharField(
        "elective band", max_length=60, blank=True, help_text="The name of a group of offerings of which a student takes one."
    )

    class Meta:
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({'hard' if self.is_hard else 'weighted'})"

    def clean(self) -> None:
        if self.kind == self.Kind.PIN_TIME and (self.day is None or self.period is None):
            raise ValidationError("A fixed timeslot needs a day and a period.")
        if self.kind == self.Kind.PIN_DAY and self.day is None:
            raise ValidationError({"day": "Give the day."})
        if self.kind == self.Kind.PIN_ROOM and self.room is None:
            raise ValidationError({"room": "Choose the room."})
        if self.first is not None and self.kind not in self.IN_ORDER:
            raise ValidationError({"first": "Only a rule about an order has a first offering."})
        if self.kind not in self.WEIGHTED and not self.is_hard:
            weighted = ", ".join(f"'{kind.label}'" for kind in self.WEIGHTED)
            raise ValidationError({"is_hard": f"This kind is always hard. These can be weighted: {weighted}."})


class RuleTimeslot(models.Model):
    """One of the timeslots that a rule lists."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="timeslots")
    day = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is the first day. Empty: every day.")
    period = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is the first period. Empty: the whole day.")

    class Meta:
        ordering = ["rule", "id"]

    def __str__(self) -> str:
        return f"{day_name(self.day)}, {period_name(self.period)}"

    def clean(self) -> None:
        if self.day is None and self.period is None:
            raise ValidationError("Give a day, a period, or both.")


class RuleSetting(models.Model):
    """What people say of a constraint that has no row of its own, as an instructor's limit: that it is off, and why."""

    OWNERS = ("instructor", "room", "offering", "section", "meeting", "curriculum")

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE)
    kind = models.CharField(max_length=30)
    instructor = models.ForeignKey(Instructor, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    offering = models.ForeignKey(CourseOffering, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    curriculum = models.ForeignKey(Curriculum, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", owner], name=f"one_setting_per_{owner}")
            for owner in ("instructor", "room", "offering", "section", "meeting", "curriculum")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner_id}{'' if self.is_active else ', off'}"

    @property
    def owner_id(self) -> int:
        """The id of what the constraint stands at: just one of them is there."""
        ids: list[int | None] = [getattr(self, f"{owner}_id") for owner in self.OWNERS]
        return next(each for each in ids if each is not None)


class DataChanges(models.Manager["DataChange"]):
    def compact(self, *, keep: int) -> None:
        """Clears away all but an institution's newest marks; the last one left stands for those, so that they are counted for ever."""
        for each in self.order_by().values("organization_id").annotate(number=models.Count("id")).filter(number__gt=keep):
            with transaction.atomic():
                mine = self.select_for_update().filter(organization_id=each["organization_id"]).order_by("-id")
                *_, oldest = list(mine.values_list("id", flat=True)[:keep])
                old = self.filter(organization_id=each["organization_id"], pk__lt=oldest)
                # Counted twice by two at once, it is another revision; never one that there was.
                stood_for = old.aggregate(number=models.Sum("number"))["number"] or 0
                self.filter(pk=oldest).update(number=models.F("number") + stood_for)
                old.delete()


class DataChange(models.Model):
    """A mark that an institution's data changed: see `academics.change_tracking`. Rows are only added, and the oldest put together."""

    at = models.CharField(max_length=40)
    organization_id = models.BigIntegerField(null=True, help_text="Of an institution that may be gone; empty: of all.")
    number = models.BigIntegerField(default=1, db_default=1, help_text="So many marks it stands for.")

    objects = DataChanges()

    class Meta:
        indexes = [models.Index(fields=["organization_id", "id"], name="change_of_organization")]

    def __str__(self) -> str:
        return self.at
