"""What is in an archive, as somebody wants to know it before reading it; and what stands where it would go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from academics.models import Organization
from erp.archive.reading import accounts_known, organization_has_rows, tables_known
from erp.archive.tables import archive_tables
from generation.models import Workflow

MOST_TERMS = 50
MOST_TEXT = 200
# By table: what people call its rows.
COUNTED = {
    "academics.department": "departments",
    "academics.room": "rooms",
    "academics.instructor": "instructors",
    "academics.course": "courses",
    "academics.courseoffering": "offerings",
    "academics.curriculum": "curricula",
    "academics.student": "students",
    "academics.enrolment": "enrolments",
    "academics.rule": "rules",
    "generation.variant": "timetables",
    "generation.comment": "comments",
}
TERM_FACTS = ("code", "name", "starts_on", "ends_on")


def archive_overview(*, document: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Institution, terms, members and numbers of rows; raises `ArchiveRefusal` where a table or a column is not known here."""
    facts = document["organization"]
    tables = {name: (columns, rows) for name, (_, columns, rows) in tables_known(tables=document["tables"], file=file).items()}
    return {
        "version": document["version"],
        "name": _text(facts.get("name")),
        "code": _text(facts.get("code")),
        "time_zone": _text(facts.get("time_zone")),
        "terms": _terms(*tables.get("academics.term", ((), ()))),
        "members": [_text(each.get("username")) for each in document["members"] if isinstance(each, Mapping)],
        "counts": [[words, len(tables[name][1]) if name in tables else 0] for name, words in COUNTED.items()],
        "num_published": _num_published(*tables.get("generation.workflow", ((), ()))),
        "num_rows": sum(len(rows) for _, rows in tables.values()),
    }


def _terms(columns: Any, rows: Any) -> list[dict[str, str]]:
    names = [column.name for column in columns]
    whole = [row for row in rows[:MOST_TERMS] if isinstance(row, list) and len(row) == len(names)]
    return [{name: _text(row[names.index(name)]) if name in names else "" for name in TERM_FACTS} for row in whole]


def _num_published(columns: Any, rows: Any) -> int:
    at = next((index for index, column in enumerate(columns) if column.name == "status"), None)
    return sum(isinstance(row, list) and len(row) > at and row[at] == Workflow.Status.PUBLISHED for row in rows) if at is not None else 0


def _text(value: Any) -> str:
    """What stands there, as far as it is text that can be shown and kept."""
    return "".join(letter for letter in value[:MOST_TEXT] if letter.isprintable()) if isinstance(value, str) else ""


def organization_counts(*, organization: Organization) -> list[tuple[str, int]]:
    """What an organization has, and would lose."""
    tables = archive_tables()
    rows = [(words, tables[name].model._default_manager.filter(**{tables[name].path: organization})) for name, words in COUNTED.items()]
    found = [(words, number) for words, number in ((words, each.count()) for words, each in rows) if number]
    return found or ([("other records", 1)] if organization_has_rows(organization) else [])


def members_known(*, members: list[str], reader: User) -> list[str]:
    """Those of the archive's members who have an account here, as far as the reader can know of it."""
    return list(accounts_known(reader=reader).filter(username__in=members[:1000]).values_list("username", flat=True))
