"""Imports files as an organization: CSV tables and workbooks, an archive (.json), or a file of FET, UniTime, XHSTT, .ctt or .ectt."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from academics.importing.institutions import INSTITUTION
from academics.importing.messages import ImportRefusal
from academics.models import ImportBatch
from academics.placements import USES
from academics.restructuring.frames import RestructuringRefusal
from academics.services import DataInUseError
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.importing import file_import
from erp.table_importing import (
    TABLE_ENDINGS,
    cause_lines,
    change_lines,
    count_lines,
    file_bytes,
    kept_lines,
    problem_lines,
    reading_lines,
    tables_explain,
    tables_import,
    term_import,
    timetable_lines,
)
from generation.formats import FormatError
from generation.formats.unsupported import LEFT_OUT, left_out_text


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            type=Path,
            metavar="FILE",
            help="tables (.csv, .xlsx), a whole organization (.fet, .xml of UniTime or XHSTT, .ctt, .ectt), or an archive (.json)",
        )
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument(
            "--replace", action="store_true", help="of a whole organization or an archive: replace the data that the institution has"
        )
        parser.add_argument(
            "--as-term", default="", metavar="CODE", help="of a whole organization: as a further term of this code, beside what is there"
        )
        parser.add_argument("--dry-run", action="store_true", help="of tables: check them, and say what would change")
        parser.add_argument("--remove-missing", action="store_true", help="of tables: remove what they leave out")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE.json",
            help='of tables: {"rooms.csv": {"kind": "rooms", "columns": {"Seats": "capacity"}}}',
        )
        parser.add_argument("--explain", action="store_true", help="of tables: as JSON what each column would be read as; write nothing")
        parser.add_argument(
            "--allow-unsupported", action="store_true", help="of a published format: leave out what the file asks and cannot be kept"
        )
        parser.add_argument(
            "--recipe",
            metavar="NAME|FILE",
            help="of tables: how they are restructured, by the name of a saved recipe or a JSON file with steps, roles and answers",
        )
        parser.add_argument("--encoding", default="", metavar="NAME", help="of CSV files, where it is not clear: cp1250, gb18030 ...")

        parser.add_argument(
            "--uses", nargs="+", choices=USES, default=[], help="of an existing timetable: rules that fix it, or wishes, beside a variant"
        )

    def handle(self, *args: Any, files: list[Path], organization: str, **options: Any) -> None:
        _check_code(organization)
        if any(path.suffix.lower() in TABLE_ENDINGS for path in files):
            self._tables(files, organization, **options)
            return
        if len(files) == 1 and files[0].suffix.lower() == ".json":
            _check_for_tables(options)
            self._archive(files[0], organization, replace=options["replace"])
            return
        if len(files) > 1:
            raise CommandError(
                "a file of FET, UniTime, XHSTT, .ctt or .ectt is a whole organization: give one file for each --organization.", returncode=2
            )
        if options["as_term"]:
            self._term(files[0], organization, **options)
            return
        _check_for_tables(options)
        self._whole(files[0], organization, replace=options["replace"], allow_unsupported=options["allow_unsupported"])

    def _whole(self, file: Path, organization: str, **options: bool) -> None:
        try:
            term, notes = file_import(path=file, organization=organization, **options)
        except FormatError as error:
            raise CommandError(str(error), returncode=2) from None
        except DataInUseError:
            message = f"organization {organization!r} has data already. Say --replace to replace it, or choose another code."
            raise CommandError(message, returncode=2) from None
        self.stdout.write(
            f"Imported {file.name} as organization {organization!r}: {term.offerings.count()} courses, "
            f"{term.num_days} days of {term.periods.count()} periods."
        )
        for note in notes:
            self.stdout.write(note)
        left_out = term.organization.source.get(LEFT_OUT)
        if left_out:
            self.stdout.write(f"Left out, as it cannot be kept: {left_out_text(left_out)}.")

    def _term(self, file: Path, organization: str, *, as_term: str, **options: Any) -> None:
        _check_for_tables({**options, "uses": []})
        if options["replace"]:
            raise CommandError("--as-term adds a term to what is there, and --replace takes it away. Say one of them.", returncode=2)
        try:
            batch = term_import(
                path=file,
                organization=organization,
                code=as_term,
                allow_unsupported=options["allow_unsupported"],
                uses=options["uses"],
                on_progress=self._progress_line(),
            )
        except (ImportRefusal, FormatError) as error:
            raise CommandError(str(error), returncode=2) from None
        if batch.num_problems or batch.error:
            lines = [*cause_lines(batch), *([batch.error] if batch.error and not batch.num_problems else []), "Nothing was written."]
            raise CommandError("\n".join(lines), returncode=2)
        self.stdout.write(f"Imported {file.name} as term {as_term!r} of organization {organization!r}:")
        left_out = batch.samples[INSTITUTION][LEFT_OUT]
        left = [f"Left out, as it cannot be kept: {left_out_text(left_out)}."] if left_out else []
        for line in [*count_lines(batch), *kept_lines(batch), *reading_lines(batch), *timetable_lines(batch), *left]:
            self.stdout.write(line)

    def _archive(self, file: Path, organization: str, *, replace: bool) -> None:
        try:
            document = archive_document(data=file_bytes(file), file=file.name)
            archive_read(document=document, file=file.name, code=organization, replace=replace, make_users=True)
        except (ArchiveRefusal, ImportRefusal, FormatError) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(f"Read the archive {file.name} as organization {organization!r}.")

    def _tables(self, files: list[Path], organization: str, *, explain: bool, mapping: Path | None, encoding: str, **options: Any) -> None:
        if options["as_term"]:
            raise CommandError("--as-term is for a file of a whole organization; a table of offerings names its term.", returncode=2)
        if options["replace"]:
            message = (
                "--replace is for .ctt files and archives; tables are added to what is there. --remove-missing removes what they leave out."
            )
            raise CommandError(message, returncode=2)
        choices = None if mapping is None else _json_read(mapping, "a mapping")
        recipe = _recipe_read(options["recipe"])
        try:
            if explain:
                explained = tables_explain(paths=files, organization=organization, mapping=choices, encoding=encoding, recipe=recipe)
                self.stdout.write(json.dumps(explained, ensure_ascii=False, indent=2))
                return
            batch = tables_import(
                paths=files,
                organization=organization,
                dry_run=options["dry_run"],
                remove_missing=options["remove_missing"],
                mapping=choices,
                encoding=encoding,
                uses=options["uses"],
                recipe=recipe,
                on_progress=self._progress_line(),
            )
        except (ImportRefusal, RestructuringRefusal, FormatError) as error:
            raise CommandError(str(error), returncode=2) from None
        if batch.num_problems:
            lines = [
                *reading_lines(batch),
                *problem_lines(batch),
                *cause_lines(batch),
                f"{batch.num_problems:,} problem{'' if batch.num_problems == 1 else 's'}; nothing was written.",
            ]
            raise CommandError("\n".join(lines), returncode=2)
        if batch.error:
            raise CommandError(batch.error, returncode=2)
        is_run = isinstance(recipe, str)  # of every night, say: only what changed is of interest
        for line in () if is_run else reading_lines(batch):
            self.stdout.write(line)
        is_done = batch.status == ImportBatch.Status.IMPORTED
        self.stdout.write(f"{'Imported into' if is_done else 'Would change'} organization {organization!r}:")
        counted = change_lines(batch) if is_run else count_lines(batch)
        for line in [*(counted or ["  nothing"]), *timetable_lines(batch)]:
            self.stdout.write(line)

    def _progress_line(self) -> Any:
        """Progress on one line, where somebody is watching."""
        if not self.stderr.isatty():
            return None
        return lambda words, done, total: self.stderr.write(f"\r{words}: {done:,} of {total:,}    ", ending="")


def _check_for_tables(options: dict[str, Any]) -> None:
    if any(options[name] for name in ("dry_run", "remove_missing", "mapping", "explain", "encoding", "uses", "recipe")):
        message = "--dry-run, --remove-missing, --mapping, --recipe, --explain, --encoding and --uses are for tables (.csv, .xlsx)."
        raise CommandError(message, returncode=2)


def _json_read(path: Path, what: str) -> Any:
    try:
        return json.loads(file_bytes(path))
    except FormatError as error:
        raise CommandError(str(error), returncode=2) from None
    except (ValueError, RecursionError):
        raise CommandError(f"{path.name}: this is not JSON, as {what} is.", returncode=2) from None


def _recipe_read(given: str | None) -> Any:
    """A file where there is one of that name, else the name of a saved recipe."""
    if given is None or not (given.endswith(".json") or Path(given).is_file()):
        return given
    return _json_read(Path(given), "a recipe")


def _check_code(organization: str) -> None:
    try:
        validate_slug(organization)
    except ValidationError:
        raise CommandError(
            f"--organization: {organization!r} is not made of letters, digits, hyphens and underscores.", returncode=2
        ) from None
    if len(organization) > 40:
        raise CommandError(f"--organization: {organization!r} is longer than 40 characters.", returncode=2)
