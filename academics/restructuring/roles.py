"""What a column of a person's table may be about, and the headings by which it is known."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from academics.restructuring.codes import FILLERS, name_folded
from academics.restructuring.frames import RestructuringRefusal, heading_plain
from academics.restructuring.headings import HEADINGS

LEFT_OUT = ""


@dataclass(frozen=True)
class Role:
    """``is_single``: at most one column has it."""

    name: str
    label: str
    about: str
    is_single: bool = True

    @property
    def headings(self) -> tuple[str, ...]:
        return HEADINGS.get(self.name, ())


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("course", "Course code", "The code of the course, whole"),
        Role("subject", "Subject", "The first part of a code in two columns"),
        Role("number", "Course number", "The second part of a code in two columns"),
        Role("title", "Title", "What the course is called"),
        Role("section", "Section", "The parallel group of the course"),
        Role("section_key", "Number of the class", "What the registration counts classes by, such as a CRN"),
        Role("kind", "Kind of class", "Lecture, tutorial, lab, seminar"),
        Role("capacity", "Most students", "How many may attend the class"),
        Role("enrolled", "Students", "How many attend it"),
        Role("days", "Days", "Days of the week"),
        Role("times", "Days and times", "When it is held: days and times, or times alone beside a column of days"),
        Role("start", "Starts", "The time at which it begins"),
        Role("end", "Ends", "The time at which it ends"),
        Role("duration", "How long", "How long it takes, where no column says when it ends"),
        Role("period", "Period", "The number of the period of the day"),
        Role("date", "Date", "The date of one meeting"),
        Role("dates", "First and last date", "From when to when in the term it is held, or its weeks"),
        Role("first_date", "First date", "The first date on which it is held"),
        Role("last_date", "Last date", "The last date on which it is held"),
        Role("room", "Room", "Where it is held"),
        Role("building", "Building", "The building of the room"),
        Role("campus", "Campus", "Where the room is, above its building"),
        Role("room_capacity", "Seats of the room", "How many seats the room has"),
        Role("room_kind", "Kind of room", "Classroom, lab, lecture hall"),
        Role("features", "What the room has", "Equipment, as a list"),
        Role("instructor", "Instructor", "Who teaches it; several names may stand in a cell", is_single=False),
        Role("email", "E-mail of the instructor", "Tells people of the same name apart; several stand in the order of the names"),
        Role(
            "person_id", "Number of the instructor", "What the institution knows the instructor by; several stand in the order of the names"
        ),
        Role("department", "Department", "The unit that the course belongs to"),
        Role("term", "Term", "The term's code"),
        Role("curriculum", "Curriculum or group", "Whose students attend it together; several may stand in a cell", is_single=False),
        Role("year", "Year of study", "Of the programme beside it, whose students move together year by year"),
        Role("cross_list", "Cross-list key", "What classes held together share"),
        Role("hours_lecture", "Hours of lecture", "Hours of lecture a week"),
        Role("hours_tutorial", "Hours of tutorial", "Hours of tutorial or practice a week"),
        Role("hours_lab", "Hours of lab", "Hours of laboratory a week"),
        Role("hours", "Hours", "Hours a week, whatever their kind"),
    )
}
# Headings of one letter say what they are only together: by the letters, the role of each.
HOURS_LETTERS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("t", "u", "l"), {"t": "hours_lecture", "u": "hours_tutorial", "l": "hours_lab"}),
    (("l", "t", "p"), {"l": "hours_lecture", "t": "hours_tutorial", "p": "hours_lab"}),
    (("l", "p", "u"), {"l": "hours_lecture", "p": "hours_lab"}),  # U: units
    (("v", "ü", "p"), {"v": "hours_lecture", "ü": "hours_tutorial", "p": "hours_lab"}),
    (("v", "u", "p"), {"v": "hours_lecture", "u": "hours_tutorial", "p": "hours_lab"}),
    (("cm", "td", "tp"), {"cm": "hours_lecture", "td": "hours_tutorial", "tp": "hours_lab"}),
    (("t", "p", "l"), {"t": "hours_lecture", "p": "hours_tutorial", "l": "hours_lab"}),
    (("t", "tp", "pl"), {"t": "hours_lecture", "tp": "hours_tutorial", "pl": "hours_lab"}),
    (("лек", "пр", "лаб"), {"лек": "hours_lecture", "пр": "hours_tutorial", "лаб": "hours_lab"}),
    (("lec", "tut", "lab"), {"lec": "hours_lecture", "tut": "hours_tutorial", "lab": "hours_lab"}),
    (("teorik", "uygulama", "laboratuvar"), {"teorik": "hours_lecture", "uygulama": "hours_tutorial", "laboratuvar": "hours_lab"}),
    (("teorik", "uygulama"), {"teorik": "hours_lecture", "uygulama": "hours_tutorial"}),
    (("vorlesung", "übung", "praktikum"), {"vorlesung": "hours_lecture", "übung": "hours_tutorial", "praktikum": "hours_lab"}),
    (("teoría", "práctica", "laboratorio"), {"teoría": "hours_lecture", "práctica": "hours_tutorial", "laboratorio": "hours_lab"}),
    (("лекции", "практика", "лабораторные"), {"лекции": "hours_lecture", "практика": "hours_tutorial", "лабораторные": "hours_lab"}),
    (("lectures", "tutorials", "labs"), {"lectures": "hours_lecture", "tutorials": "hours_tutorial", "labs": "hours_lab"}),
    (("lecture", "tutorial", "lab"), {"lecture": "hours_lecture", "tutorial": "hours_tutorial", "lab": "hours_lab"}),
    (("lecture", "tutorial", "practical"), {"lecture": "hours_lecture", "tutorial": "hours_tutorial", "practical": "hours_lab"}),
    (("l", "t"), {"l": "hours_lecture", "t": "hours_tutorial"}),
    (("t", "p"), {"t": "hours_lecture", "p": "hours_tutorial"}),
    (("l", "p"), {"l": "hours_lecture", "p": "hours_lab"}),
)
# Words that stand in front of a known heading without changing what it is about.
QUALIFIERS = frozenset(
    (
        *(
            "csm",
            "sec",
            "section",
            "class",
            "course",
            "crs",
            "mtg",
            "meeting",
            "meet",
            "event",
            "activity",
            "module",
            "planned",
            "assigned",
        ),
        *("allocated", "scheduled", "sched", "primary", "main", "lead", "total", "no", "nr", "n", "num", "nbr", "number", "code", "cod"),
        *("codigo", "codice", "nom", "nombre", "nome", "name", "numero", "nb", "lv", "veranstaltung", "kurs", "cours", "clase", "clases"),
        *("aula", "aulas", "ders", "dersin", "lezione", "lezioni", "seance", "instr", "ssr", "bezeichnung", "anzahl"),
    )
)
# What is left may be of anything: the name of a section is no title.
SAY_NOTHING_ALONE = frozenset(
    (
        "name",
        "code",
        "number",
        "no",
        "nr",
        "num",
        "id",
        "description",
        "descr",
        "nombre",
        "nome",
        "codigo",
        "codice",
        "level",
        "unit",
        "date",
    )
)
OF_TABLE = re.compile(r"^[A-Z]{7}_(?=[A-Z])")  # SSBSECT_CRN: a column of Banner's database, with its table's name in front
HOURS = {"hours_lecture": "lecture", "hours_tutorial": "tutorial", "hours_lab": "lab"}


def roles_check(given: Mapping[str, object], names: Sequence[str]) -> dict[str, str]:
    """Roles by column, as they came from outside. Raises `RestructuringRefusal`."""
    found: dict[str, str] = {}
    plain = {heading_plain(name): name for name in reversed(names)}
    for name, role in given.items():
        column = name if name in names else plain.get(heading_plain(str(name)))
        if column is None:
            known = ", ".join(names)[:400]
            raise RestructuringRefusal("column_unknown", field="roles", name=str(name)[:80], known=known)
        if not isinstance(role, str) or (role and role not in ROLES):
            raise RestructuringRefusal("role_unknown", field="roles", name=str(role)[:40], known=", ".join(ROLES))
        if role:
            found[column] = role
    singles_check(found)
    return found


def singles_check(roles: Mapping[str, object]) -> None:
    """Raises `RestructuringRefusal` where a value is no role, or several columns have one that only one can have."""
    for name, role in roles.items():
        if not isinstance(role, str) or (role and role not in ROLES):
            sentence = RestructuringRefusal.sentence("role_unknown", {"name": str(role)[:40], "known": ", ".join(ROLES)})
            text = f"Column {str(name)[:80]!r}: {sentence}"
            raise RestructuringRefusal(text=text, field="roles")
    for role in ROLES.values():
        several = [column for column, each in roles.items() if each == role.name]
        if role.is_single and len(several) > 1:
            why = f"{role.label!r} is given to {len(several)} columns, {', '.join(several[:4])}; join them, or choose one"
            raise RestructuringRefusal("document_shape", field="roles", why=why)


def roles_by_heading(names: Sequence[str], taken: Mapping[str, str] | None = None) -> dict[str, str]:
    """The role of each column whose heading is known; each single role goes to the first heading that its list names.

    A heading that is known but for a word in front of it (``Sec Capacity``, ``CSM Bldg``, ``N. studenti``) comes after all that are known
    whole.
    """
    found: dict[str, str] = dict(taken or {})
    plain = {name: heading_plain(name) for name in names}
    for letters, roles in HOURS_LETTERS:
        # ``CREDIT L`` below a heading that spans three columns ends in the letter.
        by_letter = {plain[name].split()[-1]: name for name in reversed(names) if plain[name] and len(plain[name].split()) <= 2}
        if all(letter in by_letter for letter in letters):
            found |= {by_letter[letter]: role for letter, role in roles.items() if by_letter[letter] not in found}
            found |= {by_letter[letter]: LEFT_OUT for letter in letters if letter not in roles and by_letter[letter] not in found}
            break
    bare = {name: heading_bare(OF_TABLE.sub("", name)) for name in names}
    for wanted in (bare, {name: _without_qualifiers(heading) for name, heading in bare.items()}, _below_others(bare)):
        for role in ROLES.values():
            ranks = _ranks(role.name)
            possible = sorted(
                (ranks[wanted[name]], place, name) for place, name in enumerate(names) if wanted[name] in ranks and name not in found
            )
            for _, _, name in possible[: None if not role.is_single else 1]:
                if not role.is_single or role.name not in found.values():
                    found[name] = role.name
    return found


def _below_others(bare: Mapping[str, str]) -> dict[str, str]:
    """What stands below a known heading that spans several columns, as ``Start`` and ``End`` do below ``Time``."""
    spans: dict[str, list[str]] = {}
    for name, heading in bare.items():
        span, _, rest = heading.partition(" ")
        if span in _all_headings() and rest in _all_headings() and rest not in SAY_NOTHING_ALONE:
            spans.setdefault(span, []).append(name)
    below = {name for names in spans.values() if len(names) > 1 for name in names}
    return {name: heading.partition(" ")[2] if name in below else "" for name, heading in bare.items()}


@functools.cache
def _ranks(role: str) -> dict[str, int]:
    """By each heading that a role is known by, its place in the list."""
    return {heading_bare(word): rank for rank, word in reversed(list(enumerate(HEADINGS.get(role, ()))))}


@functools.cache
def _all_headings() -> frozenset[str]:
    return frozenset(heading for role in ROLES for heading in _ranks(role))


def _without_qualifiers(heading: str) -> str:
    """What is left of a heading when the words in front that qualify others are taken away, where that is a known one."""
    words = heading.split()
    if len(words) > 2 and words[-1] in ("info", "information"):
        words = words[:-1]
    while len(words) > 1 and (words[0] in QUALIFIERS or words[0] in FILLERS):
        words = words[1:]
        rest = " ".join(words)
        if rest in _all_headings() and rest not in SAY_NOTHING_ALONE:
            return rest
    return ""


@functools.lru_cache(maxsize=5_000)
def heading_bare(heading: str) -> str:
    """A heading as it is compared: without accents too, as ``Gun ve Saat`` is written where there is no ü."""
    return name_folded(heading_plain(heading))
