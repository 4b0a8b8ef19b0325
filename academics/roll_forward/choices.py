"""What of a term is carried over, and whose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from academics.models import LONGEST_TERM_DAYS, Department, Organization, Term
from academics.plain_text import text_plain
from academics.roll_forward.messages import RollRefused, some

OFFERINGS, SECTIONS, TEACHERS, RULES, BANDS, WISHES, TIMETABLE = (
    "offerings",
    "sections",
    "teachers",
    "rules",
    "bands",
    "wishes",
    "timetable",
)
WHAT: dict[str, str] = {
    OFFERINGS: "Offerings, with their lectures a week, curricula and room preferences",
    SECTIONS: "Sections that have names of their own",
    TEACHERS: "Who teaches what",
    RULES: "Rules, and what was switched off",
    BANDS: "Elective bands",
    WISHES: "Availability and wishes for times",
    TIMETABLE: "The published timetable, as a beginning",
}
MOST_CODE = 60


@dataclass(frozen=True)
class Choices:
    what: frozenset[str]
    departments: frozenset[str] | None = None  # codes; None: all

    def has(self, name: str) -> bool:
        return name in self.what


@dataclass(frozen=True)
class NewTerm:
    """A term that is made from the one that is rolled forward: its grid, and dates of its own."""

    code: str
    starts_on: dt.date
    ends_on: dt.date
    name: str = ""
    academic_year: str = ""
    semester: str = ""


def choices_read(*, organization: Organization, what: Iterable[str] | None, departments: Collection[str]) -> Choices:
    """Raises `RollRefused` for what can't be carried over, and for departments that there are not."""
    chosen = frozenset(WHAT if what is None else what)
    strange = sorted(chosen - set(WHAT))
    if strange:
        raise RollRefused("what_unknown", field="what", name=strange[0][:40], known=", ".join(WHAT))
    if not chosen:
        raise RollRefused("what_none", field="what")
    known = list(Department.objects.filter(organization=organization).order_by("code").values_list("code", flat=True))
    for code in departments:
        if code not in known:
            raise RollRefused("department_unknown", field="departments", code=code[:60], known=some(known) or "none")
    return Choices(chosen, frozenset(departments) if departments else None)


def source_get(*, organization: Organization, code: str) -> Term:
    term = Term.objects.filter(organization=organization, code=code).first()
    if term is None:
        known = list(Term.objects.filter(organization=organization).order_by("code").values_list("code", flat=True))
        raise RollRefused("term_unknown", field="from_term", code=code[:60], known=some(known) or "none")
    return term


def target_get(
    *,
    organization: Organization,
    source: Term,
    code: str,
    starts_on: dt.date | None,
    ends_on: dt.date | None,
    name: str = "",
    academic_year: str = "",
    semester: str = "",
) -> Term | NewTerm:
    """The term of this code, or what one will be made of. Raises `RollRefused` where neither can be."""
    code = text_plain(code).strip()
    if not 0 < len(code) <= MOST_CODE:
        raise RollRefused("term_code", field="to_term")
    if code == source.code:
        raise RollRefused("terms_equal", field="to_term")
    term = Term.objects.filter(organization=organization, code=code).first()
    if term is not None:
        return term
    if starts_on is None or ends_on is None:
        raise RollRefused("term_new_dates", field="starts_on" if starts_on is None else "ends_on", code=code, source=source.code)
    if ends_on <= starts_on:
        raise RollRefused("term_dates", field="ends_on", starts=starts_on, ends=ends_on)
    if (days := (ends_on - starts_on).days) > LONGEST_TERM_DAYS:
        raise RollRefused("term_long", field="ends_on", days=days, most=LONGEST_TERM_DAYS)
    return NewTerm(code, starts_on, ends_on, name, academic_year, semester)
