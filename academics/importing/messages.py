"""The words of the import: what is wrong, with which value, what is allowed, and what to try."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from academics.errors import UserError, text_id
from academics.import_models import GIVEN_UP

TEXTS = {
    # The file as a whole.
    "file_large": "{file}: the file is larger than {most} MB, the most that is read. Split it, or leave out columns that are not needed.",
    "files_many": "{count} files were given; at most {most} are read at once. Import a few at a time.",
    "files_none": "No file was given. Choose the CSV files or workbooks to import.",
    "file_empty": "{file}: the file is empty: it has no rows, and no headings. Save it again from the spreadsheet, and try once more.",
    "file_binary": "{file}: this is not a table. Save it as CSV (UTF-8) or as an Excel workbook (.xlsx).",
    "encoding_unclear": (
        "{file}: the encoding is not clear. Say which reading is right, with 'encoding': {readings}. Or save the table as CSV (UTF-8)."
    ),
    "encoding_needed": "{file}: the encoding is not clear. Choose the reading in which the names are right.",
    "encoding_unknown": "encoding: {name!r} is not supported. The encodings are {known}.",
    "encoding_wrong": "{file}: row {row} can't be read as {label}. Choose another encoding.",
    "file_kind": "{file}: this is neither a table (.csv, .tsv, .txt or .xlsx) nor a file of another timetabling program that is read here "
    "(FET, UniTime, XHSTT, .ctt or .ectt). Save the table as one of the first.",
    # A file that is a whole institution.
    "institution_alone": "{file} holds a whole institution ({format}). Import it alone, and tables after it.",
    "institution_unreadable": "{why}",
    "institution_full": (
        "{organization} has data already. The file can become a further term of it, or take the place of all that is there."
    ),
    "term_code_needed": "Give the code of the new term.",
    "term_taken": "{organization} has a term {code} with data already. Give the new term another code.",
    "term_code_long": "The code of a term has at most {most} characters. Give a shorter one.",
    "term_or_replace": "A file becomes a new term of {organization}, or takes the place of what is there. Say only one of the two.",
    "term_by_name": "Known by name, as the codes here are others: {count:,} of the {kind}.",
    "term_costs": "What a missed wish costs, and what must be kept, stays as {organization} has it. The file weighs some otherwise.",
    "term_defaults": "Where the file says nothing, the defaults of {organization} count: lectures spread over the week, lunch at noon.",
    "institution_undecided": "Something has to be decided first. It is marked below.",
    "unsupported": "{count:,} things that the {format} file says cannot be kept.",
    "unsupported_one": "1 thing that the {format} file says cannot be kept.",
    "unsupported_kind": "Cannot be kept: {count:,} in the file.",
    "file_name": "{file}: two files have this name. Rename one of them.",
    "csv_cell_long": (
        "{file}, row {row}: a cell has more than {most:,} characters. Most often a quotation mark opens and never closes, so that the rows "
        "below are taken for one cell; or a whole text stands in it. Close the quotation mark, or shorten the cell."
    ),
    "csv_quotes": "{file}, row {row}: the row does not end; a quotation mark opens and never closes. Save the table again as CSV.",
    "workbook_broken": "{file}: the workbook can't be read ({why}). Open it in a spreadsheet program and save it again as .xlsx.",
    "workbook_bomb": "{file}: unpacked, the workbook would be larger than {most} MB, or it is packed too tightly. Save it as CSV files.",
    "workbook_entities": "{file}: the workbook's XML declares entities, which no spreadsheet program writes. It was not read.",
    "workbook_locked": "{file}: the workbook is protected by a password. Save it without one.",
    "rows_many": "{file}: more than {most} rows. Split the table.",
    "columns_many": "{file}: row {row} has more than {most} columns. Delete what lies outside the table.",
    "sheets_many": "{file}: more than {most} sheets. Keep only those to import.",
    "cells_many": "{file}: more than {most:,} cells with something in them. Split the workbook.",
    "nothing_to_read": (
        "None of the files has a table to import. Their headings match no kind of data, or they were left out: {tables}. "
        "Choose for each what it holds; over REST and in the terminal with 'mapping', as in {example}."
    ),
    "headings_none": "{table} has no headings",
    "headings_found": "{table} has {headings} in row {row}",
    # The request.
    "organization_unknown": "There is no institution {code} that you belong to. Check the code.",
    "organization_role": "Only an administrator of {organization} may import data; your role there is {role}.",
    "organization_several": "You administer several institutions: {codes}. Say which with 'organization'.",
    "organization_none": "You administer no institution. Ask an administrator to make you one.",
    "batch_unknown": "There is no such import. It may have been removed: imports that were never finished are kept for {days} days.",
    "mapping_shape": "mapping: {why}. Give an object such as {example}.",
    "batch_state": "This import is {status}; it can't be {action} now.",
    "batch_changed": "The data changed since the check: {before} then, {now} now. Look at the new figures, then import.",
    "batch_problems": "{count} problems have to be fixed first; nothing was written.",
    "batch_problems_one": "1 problem has to be fixed first; nothing was written.",
    "batch_alone": "The data changed while the import was prepared. Check again, then import.",
    "queue_away": "The queue does not answer, so a large import can't start now. Nothing was written; try again in a minute.",
    "given_up": GIVEN_UP,
    "import_failed": "The import failed because of a program error, which was recorded. Nothing was written.",
    # Restructuring.
    "questions_open": "There are questions about the files. {questions} Answer them with a recipe such as {example}.",
    "questions_or_kinds": (
        "There are questions about the files. {questions} Answer them with a recipe such as {example}. Or say with 'mapping' that a table "
        "is of one kind, as it could be. {tables}. As in {mapping}."
    ),
    "restructuring_table": "There is no table {name!r} to be restructured. There are {known}.",
    "restructuring_failed": "{table}: the steps of the recipe can't be done. {why}",
    "recipe_unknown": "There is no recipe {name!r}. There are: {known}.",
    "recipe_fits_none": "None of the files has a table that the recipe is for: {shapes}.",
    # Undo.
    "undo_later": "It can't be undone any more; edited since: {what}. Correct the data by hand, or import the old tables again.",
    "undo_nothing": "This import changed nothing, so there is nothing to undo.",
    "undo_used": "It can't be undone: {what} that it added is used by {user}. Delete that first, or keep the import.",
    "undo_kept": "It can't be undone: only the last {most} imports keep what was there before.",
    # A row, a column, a value.
    "column_missing": "No column is chosen for {label}, which every row of {kind} needs. Choose one, or add it to the table.",
    "column_twice": "Two columns are chosen for {label}. Keep one, and leave the other out.",
    "rows_none": "There are headings, but no rows below them.",
    "value_missing": "{label} is empty.",
    "value_bad": "Not allowed here.",
    "code_alike": "The new code {code} is easily taken for {other}: {difference}. If the same is meant, write it the same way.",
    "code_zeros": "The new code {code} differs from {other} only by zeros, which spreadsheets drop where they take a code for a number. "
    "If the same is meant, write it the same way.",
    "cell_letters": "Letters were lost (\ufffd) when the file was saved. Save it again from where it comes from, as CSV (UTF-8).",
    "letters_asked": "Question marks stand where letters may have been lost when the file was saved, in {count}: {cells}.",
    "cell_formula": "The formula was never worked out in this file, so its value is not known. Open the workbook, save it, and try again.",
    "cell_merged": "The cell is merged with the one to its left, so it is not clear whether that value belongs here too. Unmerge them.",
    "cell_format": "The cell's number format is not read here, so what it shows is not known. Format it as text or as a plain number.",
    "cell_scientific": "The cell shows a rounded number. Format it as text or as a plain number, and type what is meant.",
    "cell_rounded": "The cell shows fewer digits than its number has. Format it so that it shows what is meant.",
    "cells_struck": "Cells that are struck through are read like the others: {cells}.",
    "cell_digits": "The spreadsheet keeps only 15 digits of a number, and this one has more. Format the column as text, and type it again.",
    "cell_dated": "The spreadsheet turned it into a date, so the typed code is lost. Format the column as text, and type it again.",
    "sheets_hidden": "Hidden sheets are left out: {names}.",
    "cells_filled": "A merged cell applies to each of its rows: {cells}.",
    "rows_hidden": "Hidden rows are read like the others: {rows}.",
    "columns_hidden": "Hidden columns are read like the others: {columns}.",
    "merged_many": "{file}: more than {most:,} merged cells. Unmerge them.",
    "encoding_read": "It was read as {label}.",
    "value_broken": "The spreadsheet's formula ends in an error here.",
    "reference_unknown": "There is no such code among the {kind}.",
    "reference_near": "There is no such code among the {kind}. Is {near} meant?",
    "questions_page": "Some questions need an answer first. They are marked.",
    "fix_unknown": "The tables were checked again meanwhile. Look at the problems that are left, and choose again.",
    "fix_nothing": "Nothing was chosen. Say for at least one of them what is meant.",
    "fix_asks": "{label}: nothing was given. Fill it in, then create them.",
    "fixes_shape": "fixes: {why}. Give an object such as {example}.",
    "reference_several": "Several of the {kind} have this name: {codes}. Give the code.",
    "key_repeated": "The same as in row {row}{elsewhere}.",
    "row_repeated": "The row repeats row {row}{elsewhere}, and is left out.",
    "row_alike": (
        "{count} row says the same as an earlier one in the columns that are read, and differs in others ({columns}); it is left out. "
        "It is row {row}, which is like {earlier}."
    ),
    "rows_alike": (
        "{count} rows say the same as an earlier one in the columns that are read, and differ in others ({columns}); they are left out. "
        "The first is row {row}, which is like {earlier}."
    ),
    "person_nobody": "There is no such code as {name}, so it is read like an empty cell.",
    "person_taken": "{name} is taken for {code} ({known}), who has this name or one like it.",
    "person_there": "{name} is there already as {code} ({known}), and is not added again.",
    "person_again": (
        "There is somebody of this name already, or of one like it: {codes}. {code} is taken for another person with the same name; "
        "if it is the same one, give that code."
    ),
    "person_open": "{name} seems to be nobody yet, and is added as a person like the others. Leave the row out where nobody is meant.",
    "person_several": "Several of the instructors may be meant: {codes}. Give the code.",
    "join_chosen": "The values are codes of {kind} and numbers of their rows as well; they are taken for numbers, as the heading says.",
    "code_chosen": "The values are codes of {kind} and numbers of their rows as well; they are taken for codes.",
    "kind_unclear": (
        "What the table holds is not clear, as it could be several things. {tables}. Nothing was written. Say which with 'mapping', "
        "as in {example}; an empty kind leaves a table out."
    ),
    "term_needed": "No term is named, and the institution has no current term.",
    "term_differs": "Another {label} than in row {row}.",
    "term_ends": "The term ends before it starts.",
    "term_long": "The term would last {days:,} days.",
    "period_ends": "The period ends before it starts.",
    "group_unnamed": "The row names no group: neither by a code, nor by year, group and subgroup.",
    "group_unknown": "There is no such group, in the data or in the files.",
    "group_circle": "{code} and {above} would each be a part of the other.",
    "group_long": "The code made of year, group and subgroup has {count} characters.",
    "offering_unknown": "{course} is not offered in {term}.",
    "section_unknown": "{course} has no such section.",
    "owner_one": "Name an instructor, a room or a course, and only one of them.",
    "owner_course": "A section is named by its course too.",
    "place_one": "Name a room or a building, and only one of them.",
    "grid_day": "The term {term} has {days} days a week.",
    "grid_period": "The term {term} has {periods} periods a day.",
    "grid_none": "The term {term} has no periods yet.",
    "day_or_date": "Neither a day nor a date is given.",
    "day_not_date": "{date} is a {day}.",
    "start_or_period": "Neither a start nor a period is given.",
    "start_off_grid": "No period of {term} starts at {start}. The nearest is period {period}, from {near}.",
    "start_not_period": "Period {period} of {term} starts at {start}.",
    "end_before": "The lecture ends before it starts.",
    "length_over_day": "It would go on after the last period of the day.",
    "length_differs": "The row lasts {length} periods by its times, and {given} by its length.",
    "section_needed": "{course} has several sections: {sections}.",
    "section_unnamed": "{course} has no section {section}. Its sections have no names of their own, and are numbered.",
    "lectures_surplus": "{section} has {lectures} a week, and the table has {places}: {rows}.",
    "lectures_none": "{course} has no weekly lectures.",
    "lecture_length": "{section} has no lecture of {length} that is left. Its lectures last {lengths}.",
    "lecture_number": "{section} has {lectures} a week, so there is no lecture {number} of this length.",
    "weeks_unread": (
        "{count} rows name weeks that are not understood ({rows}). The weeks of the offering, its section and its meetings count."
    ),
    "weeks_unread_one": (
        "1 row names weeks that are not understood ({rows}). The weeks of the offering, its section and its meetings count."
    ),
    "weeks_differ": (
        "{count} rows name other weeks than their lectures have ({rows}). The weeks of the offering, its section and its meetings count."
    ),
    "weeks_differ_one": (
        "1 row names other weeks than its lecture has ({rows}). The weeks of the offering, its section and its meetings count."
    ),
    "dates_apart_one": (
        "1 dated row does not follow the weekly pattern of its section, and is left out of the timetable: {rows}. "
        "It is the same every week."
    ),
    "dates_moved_one": "1 dated row seems to be in place of a date on which its section does not meet, and is left out: {rows}.",
    "dates_other_room_one": "1 dated row is in another room than its weekly meeting usually is, which is taken: {rows}.",
    "dates_fortnightly_one": (
        "1 weekly meeting is held every second week only, by its dates, and is taken as held in every week. Its first row: {rows}."
    ),
    "ends_inside_one": "1 row ends inside a period, which is taken up to its end: {rows}.",
    "dates_apart": (
        "{count} dated rows do not follow the weekly pattern of their section, and are left out of the timetable: {rows}. "
        "It is the same every week."
    ),
    "dates_moved": "{count} dated rows seem to be in place of a date on which their section does not meet, and are left out: {rows}.",
    "dates_other_room": "{count} dated rows are in another room than their weekly meeting usually is, which is taken: {rows}.",
    "dates_fortnightly": (
        "{count} weekly meetings are held every second week only, by their dates, and are taken as held in every week. "
        "The first rows of each: {rows}."
    ),
    "dates_one_week": "All dates are of one week, which is taken for every week.",
    "ends_inside": "{count} rows end inside a period, which is taken up to its end: {rows}.",
    "timetable_refused": "The existing timetable could not be taken over: {why} Nothing was written.",
    "timetable_kept": "It can't be undone: {why}",
    "allowed_days": "a day of the term's week, or a date",
    "allowed_time": "a start at which a period begins, or the number of a period",
    "allowed_section_named": "one of {sections}",
    "allowed_section_number": "1, 2 and so on; or names, in a table of sections in the same import",
    "allowed_lectures": "as many rows as there are weekly lectures; or other meetings of the offering, in the same import",
    "allowed_length": "the length of one of its lectures; or other meetings of the offering, in the same import",
    "sections_many": "{students} students in sections of {size} are more than {most} sections.",
    "cross_itself": "{course} can't be taught with itself.",
    "cross_part": "{course} is a part of {other}, so the two can't be one lecture.",
    "cross_chain": "{course} would be taught with {other}, which is taught with {third}.",
    "part_itself": "{course} can't be a part of itself.",
    "part_other_term": "{course} is not offered in {term}, but in {others}.",
    "part_of_part": "{lecture} is itself a part of {above}.",
    "part_has_parts": "{course} has a part of its own, {parts}, so it can't be one.",
    "part_none": "{course} is not part of a lecture.",
    "holiday_ends": "The break ends before it starts.",
    "weeks_unreadable": "{why}",
    "part_says_weeks": "{name} says by itself which weeks are meant, so it can be no name of a part.",
    "allowed_part_name": "a name such as First half or Module A",
    "allowed_not_before": "{start} or later; empty for one day",
    "allowed_parent": "a section of the lecture that the course is part of; empty: in turn",
    "part_circle": "{lecture} and {course} would each be a part of the other.",
    "allowed_part": "a lecture that is no part itself; empty for the lecture",
    "allowed_part_term": "a course offered in the same term; import its offering first, or in the same import",
    "allowed_term": "the code of a term",
    "allowed_once": "no row of {kind} twice",
    "allowed_offering": "a course offered in that term; import the offerings first, or in the same import",
    "allowed_section": "a section of the offering, or empty",
    "allowed_range": "{low} to {high}",
    "allowed_until": "{last} or earlier",
    "allowed_later": "later than {start}",
    "allowed_same": "the same in all rows of a term, or empty",
    "allowed_sections": "at most {most} sections: fewer students, or larger sections",
    "allowed_owner_course": "the course in its own column, or no section",
    "allowed_place": "a code in one of the two columns",
    "allowed_one": "a code in one of the three columns",
    "allowed_cross": "a course that is offered in the same term, and taught with no other one",
    "allowed_group": "a code, or a year, or a year with a group and a subgroup",
    "allowed_group_code": "at most {most} characters; give the group a code of its own",
    "allowed_part_of_tree": "a group that is no part of this one",
    "allowed_codes": "codes that are in the data, or in a table of {kind} in the same import",
    "allowed_column": "a column for each of: {labels}",
    "allowed_rows": "at least one row",
}


class Message(str):
    """A sentence that still knows which one it is, and of what: problems are grouped by it."""

    id: str
    values: Mapping[str, object]

    def __new__(cls, words: str, *, id: str, values: Mapping[str, object] | None = None) -> Message:
        message = super().__new__(cls, words)
        message.id = id
        message.values = values or {}
        return message


def text(message_id: str, **values: object) -> Message:
    return Message(TEXTS[text_id(TEXTS, message_id, values)].format(**values), id=message_id, values=values)


class ImportRefusal(UserError):
    """The request can't be done."""

    texts = TEXTS

    def body(self) -> dict[str, Any]:
        """The field stands in every answer, also beside the ``detail`` of one that is no 400."""
        by_field = {self.field: [str(self)]} if self.field else {}
        return by_field if self.status == 400 and by_field else {"detail": str(self), **by_field}


class UnreadableFile(ImportRefusal):
    """The file as a whole is no table that is read here."""


NO_KIND = "or none of the kinds that are read here"


def kinds_words(kinds: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{table}: {', '.join(could if len(could) > 1 else (*could, NO_KIND))}" for table, could in kinds.items())


def kinds_example(kinds: Mapping[str, Sequence[str]]) -> str:
    """A mapping that names the likeliest kind."""
    table, names = next(iter(kinds.items()))
    return json.dumps({table: {"kind": names[0]}}, ensure_ascii=False)


class KindUnclear(ImportRefusal):
    """Tables that could be of several kinds. By table their names, the likeliest first."""

    def __init__(self, kinds: Mapping[str, Sequence[str]]) -> None:
        self.kinds = {table: list(names) for table, names in kinds.items()}
        super().__init__("kind_unclear", field="mapping", tables=kinds_words(self.kinds), example=kinds_example(self.kinds))

    def body(self) -> dict[str, Any]:
        return super().body() | {"kinds": self.kinds}


class QuestionsOpen(KindUnclear):
    """Questions about how a table is restructured that nobody answered: by table their documents, and the kinds that it could be else."""

    def __init__(self, questions: Mapping[str, Sequence[Mapping[str, Any]]], kinds: Mapping[str, Sequence[str]]) -> None:
        self.kinds = {table: list(names) for table, names in kinds.items()}
        self.questions = {table: list(each) for table, each in questions.items()}
        example = json.dumps({"answers": {each["id"]: "..." for found in self.questions.values() for each in found}}, ensure_ascii=False)
        words = "; ".join(f"{table}: " + " ".join(_question_words(each) for each in found) for table, found in self.questions.items())
        facts = {"tables": kinds_words(self.kinds), "mapping": kinds_example(self.kinds)} if self.kinds else {}
        message_id = "questions_or_kinds" if self.kinds else "questions_open"
        ImportRefusal.__init__(self, message_id, field="mapping" if kinds else "recipe", questions=words, example=example, **facts)

    def body(self) -> dict[str, Any]:
        return super().body() | {"questions": self.questions}


def _question_words(question: Mapping[str, Any]) -> str:
    values = ", ".join(f"{choice['value']} ({choice['label']})" for choice in question["choices"]) or question["allowed"] or "a text"
    return f"[{question['id']}] {question['text']} Answers: {values}."


class EncodingUnclear(UnreadableFile):
    """Two readings of the file differ, and neither is clearly right. ``candidates`` says what each would be."""

    candidates: Sequence[Mapping[str, str]] = ()

    def body(self) -> dict[str, Any]:
        return super().body() | {"candidates": list(self.candidates)}


class UnknownImport(ImportRefusal):
    """There is no such thing for this user."""

    status = 404


class ForbiddenImport(ImportRefusal):
    """The user's role does not allow it."""

    status = 403


class ImportConflict(ImportRefusal):
    """The present state does not allow it."""

    status = 409


class QueueAway(ImportRefusal):
    status = 503
