"""A small university as tables, as somebody would fill them in, and the steps of an import."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook

from academics.importing import batches
from academics.importing.messages import ImportConflict
from academics.models import ImportBatch, Organization

TABLES = {
    "departments.csv": "Code,Name\nMATH,Mathematics\nPHYS,Physics\n",
    "buildings.csv": "Code,Name\nMAIN,Main building\n",
    "rooms.csv": "Room,Seats,Building,Type,Equipment\nR1,60,MAIN,,projector\nR2,40,MAIN,lab,gas; projector\nR3,30,,,\n",
    "lecturers.csv": "Staff ID;Name;Dept;E-mail\nrao;Dr Rao;MATH;rao@example.org\nkow;Prof. Kowalska;PHYS;\n",
    "terms.csv": "Term,Name,First day,Last day,Days a week,Period,Starts,Ends,Lunch\n"
    + "".join(
        f"T1,{'Autumn' if n == 1 else ''},2026-09-21,2027-01-15,5,{n},{7 + n:02}:00,{7 + n:02}:50,{'yes' if n == 4 else ''}\n"
        for n in range(1, 6)
    ),
    "courses.csv": "Code,Title,Department\nMA1,Algebra,MATH\nPH1,Mechanics,PHYS\n",
    "programmes.csv": "Code,Name,Department\nY1,First year,MATH\n",
    "offerings.csv": "Course,Lecturers,Programmes,Meetings,Section size,Sections,Part of\n"
    "MA1,kow; rao,Y1,2 x 1,30,2,\nPH1,kow,Y1,1 x 2 lab +gas,30,,MA1\n",
    "students.csv": "Matric No\tName\tProgramme\ns1\tAda\tY1\ns2\tBoris\tY1\n",
    "registrations.csv": "Student,Course\ns1,MA1\ns1,PH1\ns2,MA1\n",
    "availability.csv": "Instructor,Room,Day,Period,Rating\nrao,,Friday,,not available\n,R1,Mon-Tue,1-2,-2\n",
}
FILES = [(name, text.encode()) for name, text in TABLES.items()]


def workbook(sheets: Mapping[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def import_run(batch: ImportBatch, action: str) -> ImportBatch:
    attempt = batches.batch_begin(batch=batch, action=action)
    batches.batch_run(batch_id=batch.pk, attempt=attempt)
    batch.refresh_from_db()
    return batch


def files_import(organization: Organization, files: Any = None, *, remove_missing: bool = False, uses: tuple[str, ...] = ()) -> ImportBatch:
    """Check and import in one go; a batch with problems comes back as it is."""
    listed = [(name, text.encode() if isinstance(text, str) else text) for name, text in dict(files or TABLES).items()]
    batch = batches.batch_create(organization=organization, user=None, files=listed)
    batches.batch_choose(batch=batch, choices={}, remove_missing=remove_missing, uses=uses)
    try:
        return import_run(batch, "import_at_once")
    except ImportConflict:
        batch.refresh_from_db()
        return batch
