"""An archive back into the database, as an organization equal to the one that was written. All of it or nothing."""

from __future__ import annotations

import base64
import binascii
import json
import reprlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Q, QuerySet

from academics.importing.entity import chunked
from academics.importing.planning import Told, told_nobody
from academics.models import Membership, Organization
from academics.selectors import organizations_administered
from erp.archive.approvals import CHECKED, EVENT, approvals_check, publishing_require
from erp.archive.decisions import decisions_take_over
from erp.archive.messages import ArchiveConflict, ArchiveRefusal
from erp.archive.shapes import DEEPEST, is_too_deep, packed_wrong, value_wrong
from erp.archive.tables import FORMAT, ORGANIZATION_LEFT_OUT, READ_PAST, VERSION, ArchiveTable, Column, archive_tables
from erp.archive.writing import archive_digest
from generation.conflict_store import conflicts_rewrite
from generation.models import GenerationJob

MOST_CONTAINERS = 4_000_000
AT_ONCE = 500
Numbers = dict[str, dict[Any, Any]]  # by table: what the archive calls a row, and its key here


def archive_sniff(*, data: bytes, file: str) -> None:
    """What can be told without reading it: the size, and what people take for an archive."""
    if len(data) > settings.IMPORT_MAX_MB * 2**20:
        raise ArchiveRefusal("too_large", file=file, most=settings.IMPORT_MAX_MB)
    if not data.strip():
        raise ArchiveRefusal("empty", file=file)
    if data.startswith((b"PK", b"\x1f\x8b")):
        raise ArchiveRefusal("packed", file=file)


def archive_document(*, data: bytes, file: str) -> dict[str, Any]:
    """The document, if it is an archive of a version that is read here."""
    archive_sniff(data=data, file=file)
    if data.count(b"[") + data.count(b"{") > MOST_CONTAINERS:  # each takes some twenty times its letters in memory
        raise ArchiveRefusal("crowded", file=file, most=MOST_CONTAINERS)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else reprlib.repr(str(error))
        raise ArchiveRefusal("not_json", file=file, why=why) from None
    if is_too_deep(document):
        raise ArchiveRefusal("not_json", file=file, why=f"it is nested more than {DEEPEST} deep")
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ArchiveRefusal("not_archive", file=file)
    if document.get("version") != VERSION:
        raise ArchiveRefusal("version", file=file, found=reprlib.repr(document.get("version")))
    for name, kind in (("organization", dict), ("members", list), ("tables", dict)):
        if not isinstance(document.get(name), kind):
            raise ArchiveRefusal(
                "shape", file=file, where=f'"{name}"', why=f"there has to be a JSON {'object' if kind is dict else 'array'}"
            )
    _digest_require(document, file)
    return document


def _digest_require(document: Mapping[str, Any], file: str) -> None:
    """Archives of releases that wrote none are read without; tables of another shape are refused by name later."""
    found = document.get("digest")
    contents = document["tables"].values()
    if found is None or not all(isinstance(each, dict) and isinstance(each.get("rows"), list) and "columns" in each for each in contents):
        return
    made = archive_digest(document=document)
    if found != made:
        raise ArchiveRefusal("altered", file=file, found=f"{found!s:.20}", made=f"{made:.20}")


def archive_read(
    *,
    document: Mapping[str, Any],
    file: str,
    code: str,
    replace: bool,
    make_users: bool,
    reader: User | None = None,
    told: Told = told_nobody,
) -> Organization:
    """Make the organization, in one transaction. With ``replace`` what it has goes first, its timetables included.

    Members are users of the same names; those that are not there are made, without a password, where ``make_users`` says so.
    The ``reader`` keeps the role that he or she has, and stands in the history of every timetable that was decided about.
    """
    try:
        with transaction.atomic():
            told("Making the institution", 0, 1)
            organization = _organization(document["organization"], file, code, replace)
            _members(document["members"], file, organization, make_users, reader)  # whom the reader made is known, too
            rows = _Reader(document["tables"], file, organization, told, accounts_known(reader=reader)).read()
            conflicts_rewrite(organization)
            roles = {member["username"]: member["role"] for member in document["members"]}
            approvals_check(organization=organization, rows=rows, roles=roles, file=file)
            publishing_require(organization=organization, reader=reader)
            decisions_take_over(organization=organization, rows=rows, file=file, reader=reader, told=told)
    except DatabaseError as error:  # of what the rows break together, as when a code comes twice
        raise ArchiveRefusal("rows_contradict", file=file, table="tables", why=str(error).splitlines()[0][:200]) from None
    return organization


def accounts_known(*, reader: User | None) -> QuerySet[User]:
    """The accounts that the reader can know: those of the institutions that he or she administers. Operators know all."""
    if reader is None or reader.is_superuser:
        return User.objects.all()
    governed = organizations_administered(user=reader)
    return User.objects.filter(Q(pk=reader.pk) | Q(memberships__organization__in=governed)).distinct()


def _organization(facts: Mapping[str, Any], file: str, code: str, replace: bool) -> Organization:
    organization = Organization.objects.select_for_update().filter(code=code).first()
    if organization is not None and organization_has_rows(organization):
        if not replace:
            raise ArchiveConflict("has_data", field="replace", code=code)
        if GenerationJob.objects.filter(organization=organization, status__in=GenerationJob.ACTIVE).exists():
            raise ArchiveConflict("has_active_jobs", field="replace", code=code)
        for table in reversed(archive_tables().values()):  # type: ignore[call-overload]
            table.model._default_manager.filter(**{table.path: organization}).delete()
    organization = organization or Organization(code=code)
    known = {field.attname: field for field in Organization._meta.concrete_fields if field.attname not in ORGANIZATION_LEFT_OUT}
    values = {}
    for name, value in facts.items():
        if name not in known:
            raise ArchiveRefusal("newer", file=file, where='"organization"', what=f"{name!r:.60}")
        if name != "code":
            values[name] = _plain(known[name], value, file=file, table="organization", row=1)
            setattr(organization, name, values[name])
    try:
        organization.clean()
    except ValidationError as error:
        raise ArchiveRefusal("shape", file=file, where='"organization"', why="; ".join(error.messages)[:300]) from None
    try:
        organization.save()
    except IntegrityError:
        raise ArchiveConflict("taken", field="organization", code=code) from None
    Organization.objects.filter(pk=organization.pk).update(**values)  # also the times that saving sets anew
    organization.refresh_from_db()
    return organization


def organization_has_rows(organization: Organization) -> bool:
    return any(table.model._default_manager.filter(**{table.path: organization}).exists() for table in archive_tables().values())


def _members(members: Sequence[Any], file: str, organization: Organization, make_users: bool, reader: User | None) -> None:
    known = accounts_known(reader=reader)
    field, roles = User._meta.get_field("username"), Membership.Role.values
    for number, member in enumerate(members, 1):
        if not isinstance(member, dict) or set(member) != {"username", "role"} or member["role"] not in roles:
            raise ArchiveRefusal(
                "shape", file=file, where=f'"members", row {number}', why=f"a username and a role ({', '.join(roles)}) are needed"
            )
        username = _plain(field, member["username"], file=file, table="members", row=number)
        user = known.filter(username=username).first()
        if user is None and make_users:
            user = User.objects.create_user(username=username)  # without a password nobody signs in
        if user is not None and user != reader:
            Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": member["role"]})


def tables_known(*, tables: Mapping[str, Any], file: str) -> dict[str, tuple[ArchiveTable, list[Column], list[Any]]]:
    """The archive's tables that are known here, with their columns and rows, in the order in which they can be read."""
    known = archive_tables()
    for name in tables:
        if name not in known and name not in READ_PAST:
            raise ArchiveRefusal("newer", file=file, where='"tables"', what=f"the table {name!r:.80}")
    # One that is missing is of an archive of an earlier release.
    return {name: (table, *_content(table, tables[name], file)) for name, table in known.items() if tables.get(name) is not None}


def _content(table: ArchiveTable, content: Any, file: str) -> tuple[list[Column], list[Any]]:
    if not isinstance(content, dict) or not isinstance(content.get("columns"), list) or not isinstance(content.get("rows"), list):
        raise ArchiveRefusal("shape", file=file, where=table.name, why='"columns" and "rows" have to be arrays')
    known = {column.name: column for column in table.columns}
    names = content["columns"]
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown:
        raise ArchiveRefusal("newer", file=file, where=table.name, what=f"the column {unknown[0]!r:.60}")
    if len({*names}) != len(names):
        raise ArchiveRefusal("shape", file=file, where=table.name, why="a column comes twice")
    needed = [column.name for column in table.columns if column.name not in names and not (column.field.has_default() or column.field.null)]
    if needed:
        raise ArchiveRefusal("shape", file=file, where=table.name, why=f"columns are missing: {', '.join(needed)}")
    return [known[name] for name in names], content["rows"]


class _Reader:
    """Goes through the tables in their order; what a row refers to has its key by then."""

    def __init__(self, tables: Mapping[str, Any], file: str, organization: Organization, told: Told, accounts: QuerySet[User]) -> None:
        self.tables = tables_known(tables=tables, file=file)
        self.file = file
        self.organization = organization
        self.told = told
        self.numbers: Numbers = {}
        self.users = dict(accounts.values_list("username", "pk"))
        self.checked: dict[str, dict[Any, int]] = {name: {} for name in CHECKED}
        self.done, self.total = 0, sum(len(rows) for _, _, rows in self.tables.values())

    def read(self) -> dict[str, dict[Any, int]]:
        """By table that `approvals` checks, and by key here: the archive's row."""
        for table, columns, rows in self.tables.values():
            self._table(table, columns, rows)
        return self.checked

    def _table(self, table: ArchiveTable, columns: list[Column], rows: list[Any]) -> None:
        known = self.numbers[table.name] = {}
        own = [column for column in columns if column.target == table.name and not column.is_key]
        later: list[tuple[Any, str, Any]] = []  # references to rows of the same table
        for some in chunked(enumerate(rows, 1), AT_ONCE):
            self.told(f"Reading {table.title}", self.done, self.total)
            whole = [(number, row) for number, row in some if row is not None]
            made = [(row, *self._made(table, columns, own, number, row)) for number, row in whole]
            keys = _insert(table, [instance for _, _, instance in made])
            if table.name in self.checked:
                self.checked[table.name] |= zip(keys, [number for number, _ in whole], strict=True)
            known.update(zip([name for _, name, _ in made], keys, strict=True))
            pairs = ((name, column.name, row[columns.index(column)]) for row, name, _ in made for column in own)
            later += [(name, column, value) for name, column, value in pairs if value is not None]
            self.done += len(some)
        self._link(table, later, known)

    def _made(self, table: ArchiveTable, columns: list[Column], own: list[Column], number: int, row: Any) -> tuple[Any, models.Model]:
        """What the archive calls the row, and the row."""
        if not isinstance(row, list) or len(row) != len(columns):
            raise ArchiveRefusal("shape", file=self.file, where=f"{table.name}, row {number}", why=f"{len(columns)} values are needed")
        pairs = zip(columns, row, strict=True)
        facts = {column.name: self._value(table, column, value, number) for column, value in pairs if column not in own}
        self._name_kept(table, columns, row, facts)
        facts |= dict.fromkeys(table.organization_columns, self.organization.pk)
        return next((row[index] for index, column in enumerate(columns) if column.is_key), number), table.model(**facts)

    def _name_kept(self, table: ArchiveTable, columns: list[Column], row: list[Any], facts: dict[str, Any]) -> None:
        """Who did it, where that account is not here: the history keeps the name."""
        if table.name == EVENT and facts.get("user_id") is None:
            name = row[[column.name for column in columns].index("user_id")] if "user_id" in facts else None
            if isinstance(name, str):
                facts["user_name"] = _plain(table.model._meta.get_field("user_name"), name, file=self.file, table=table.name, row=0)

    def _link(self, table: ArchiveTable, later: list[tuple[Any, str, Any]], known: Mapping[Any, Any]) -> None:
        for name, column, value in later:
            if isinstance(value, bool) or not isinstance(value, int | str) or value not in known:
                raise self._unknown(table, column, value, name, table.name)
            table.model._default_manager.filter(pk=known[name]).update(**{column: known[value]})

    def _value(self, table: ArchiveTable, column: Column, value: Any, row: int) -> Any:
        if not column.target:
            found = _plain(column.field, value, file=self.file, table=table.name, row=row)
            return _free_key(column, found) if column.is_key else found
        if value is None and column.field.null:
            return None
        if column.target == "user":
            return self.users.get(value) if isinstance(value, str) else None
        targets = self.numbers.get(column.target, {})
        if isinstance(value, bool) or not isinstance(value, int | str) or value not in targets:
            raise self._unknown(table, column.name, value, row, column.target)
        return targets[value]

    def _unknown(self, table: ArchiveTable, column: str, value: Any, row: Any, target: str) -> ArchiveRefusal:
        return ArchiveRefusal(
            "reference", file=self.file, table=table.name, row=row, column=column, value=reprlib.repr(value), target=target
        )


def _free_key(column: Column, key: Any) -> Any:
    """The archive's own id; another one, always the same, where a row here has it already."""
    model = column.field.model
    while isinstance(key, uuid.UUID) and model._default_manager.filter(pk=key).exists():
        key = uuid.uuid5(key, "imported")
    return key


def _plain(field: Any, value: Any, *, file: str, table: str, row: int) -> Any:
    """A value as the field takes it; refused where it is of another type or out of its range."""

    def wrong(why: str) -> ArchiveRefusal:
        return ArchiveRefusal("value", file=file, table=table, row=row, column=field.attname, value=reprlib.repr(value), why=why)

    if value is None:
        if field.null:
            return None
        raise wrong("it may not be empty.")
    if not _is_clean(value):
        raise wrong("it holds characters that are no text.")
    if why := value_wrong(table, field.attname, value):
        raise wrong(why)
    if isinstance(field, models.BinaryField):
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise wrong("base64 is needed.") from None
        if why := packed_wrong(table, data):
            raise wrong(why)
        return data
    if isinstance(field, models.JSONField):
        return value
    kinds = {models.BooleanField: bool, models.IntegerField: int, models.FloatField: (int, float)}
    wanted = next((types for kind, types in kinds.items() if isinstance(field, kind)), str)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):  # type: ignore[arg-type]
        raise wrong("its type is another one.")
    try:
        found = field.to_python(value)
        field.run_validators(found)
    except (ValidationError, OverflowError) as error:
        raise wrong("; ".join(getattr(error, "messages", ["it is out of range."]))) from None
    return found


def _is_clean(value: Any) -> bool:
    """No NUL and no half characters, which databases refuse."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return all(_is_clean(key) and _is_clean(inner) for key, inner in value.items())
    return all(map(_is_clean, value)) if isinstance(value, list) else True


def _insert(table: ArchiveTable, rows: list[models.Model]) -> list[Any]:
    """Insert rows as they are, times included, and give their keys."""
    model = table.model
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    manager: Any = model._base_manager.all()
    size = max(1, connection.ops.bulk_batch_size([field.attname for field in fields], rows))
    keys: list[Any] = []
    for some in chunked(rows, size):
        if len(fields) < len(model._meta.concrete_fields):
            keys += [row[0] for row in manager._insert(some, fields=fields, returning_fields=[model._meta.pk], using=manager.db, raw=True)]
        else:
            manager._insert(some, fields=fields, using=manager.db, raw=True)
            keys += [instance.pk for instance in some]
    return keys
