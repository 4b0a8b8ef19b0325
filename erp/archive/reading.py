"""An archive back into the database, as an organization equal to the one that was written. All of it or nothing."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import reprlib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Q, QuerySet

from academics.ids import uuid_read
from academics.importing.entity import chunked
from academics.importing.planning import OnProgress, no_progress
from academics.importing.snapshots import table_name
from academics.models import Membership, Organization
from academics.selectors import organizations_administered
from erp.archive.approvals import CHECKED, EVENT, approvals_check, publishing_require
from erp.archive.decisions import decisions_take_over
from erp.archive.messages import ArchiveConflict, ArchiveRefusal
from erp.archive.scratch import Scratch, keys_reserve, scratch_database
from erp.archive.shapes import DEEPEST, is_too_deep, packed_wrong, value_wrong
from erp.archive.tables import FORMAT, ORGANIZATION_LEFT_OUT, READ_PAST, VERSION, ArchiveTable, Column, archive_tables
from erp.archive.writing import archive_digest
from generation.models import ConflictChunk, GenerationJob, TakenOver, Variant, Workflow, WorkflowEvent
from generation.timetable.conflict_store import conflicts_rewrite

MOST_CONTAINERS = 4_000_000
AT_ONCE = 500
Numbers = dict[str, dict[Any, Any]]  # by table: what the archive calls a row, and its key here
Tables = dict[str, tuple[ArchiveTable, list[Column], list[Any]]]  # by name: its columns and rows in the archive


def archive_sniff(*, data: bytes, file: str) -> None:
    """What is known without reading it: the size, and what people take for an archive."""
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


@dataclass(frozen=True)
class Target:
    """Where an archive goes, and who reads it."""

    file: str
    code: str
    replace: bool
    make_users: bool
    reader: User | None = None


def archive_read(
    *,
    document: Mapping[str, Any],
    file: str,
    code: str,
    replace: bool,
    make_users: bool,
    reader: User | None = None,
    on_progress: OnProgress = no_progress,
) -> Organization:
    """Check the archive, then make the organization in one transaction. With ``replace`` what it has goes first, its timetables included.

    Members are users of the same names; those that are not there are made, without a password, where ``make_users`` says so.
    The ``reader`` keeps the role that he or she has, and stands in the history of every timetable that was decided about.
    """
    target = Target(file, code, replace, make_users, reader)
    with archive_checked(document=document, target=target, on_progress=on_progress) as checked, transaction.atomic():
        return checked.write()


@contextlib.contextmanager
def archive_checked(*, document: Mapping[str, Any], target: Target, on_progress: OnProgress = no_progress) -> Iterator[CheckedArchive]:
    """All that can be wrong with the archive is found here, in a database of its own, while nobody waits for the site's.

    What is yielded writes it, inside a transaction, which is then short.
    """
    organization = Organization.objects.filter(code=target.code).first()
    _target_require(organization, target)
    tables = tables_known(tables=document["tables"], file=target.file)
    keys = keys_reserve(_numbers(document, tables))
    free_keys = _free_keys(tables, organization, target)
    beginnings = _Beginnings.read(document, tables, organization, target)
    with scratch_database(first_keys=keys) as scratch:
        try:
            with scratch.inside(), transaction.atomic():
                beginnings.write()
                made = _made_and_checked(document, tables, target, free_keys, scratch.outside(on_progress))
                roles = beginnings.roles_changed()
        except (IntegrityError, DataError) as error:  # of what the rows break together, as when a code comes twice
            raise ArchiveRefusal("rows_contradict", file=target.file, table="tables", why=str(error).splitlines()[0][:200]) from None
        on_progress("Writing it", 0, 1)
        scratch.attach()
        yield CheckedArchive(scratch, target, organization, made, keys, roles)


def _made_and_checked(
    document: Mapping[str, Any], tables: Tables, target: Target, free_keys: Mapping[Any, Any], on_progress: OnProgress
) -> Organization:
    """The organization, in the scratch database, as it will be."""
    on_progress("Making the institution", 0, 1)
    organization = _organization(document["organization"], target.file, target.code)
    _members(document["members"], target.file, organization, target.make_users, target.reader)  # whom the reader made is known, too
    rows = _Reader(tables, target.file, organization, on_progress, User.objects.all(), free_keys).read()
    conflicts_rewrite(organization)
    roles = {member["username"]: member["role"] for member in document["members"]}
    approvals_check(organization=organization, rows=rows, roles=roles, file=target.file)
    publishing_require(organization=organization, reader=target.reader)
    decisions_take_over(organization=organization, rows=rows, file=target.file, reader=target.reader, on_progress=on_progress)
    return organization


@dataclass(frozen=True)
class CheckedArchive:
    scratch: Scratch
    target: Target
    before: Organization | None
    made: Organization
    keys: Mapping[type[models.Model], int]
    roles: Mapping[str, Sequence[int]]  # the members that were here before and whose role becomes another one

    def write(self) -> Organization:
        """Copies the rows; inside a transaction, before which nothing of it was in the site's database."""
        try:
            self._write()
        except IntegrityError:  # the rows do not contradict one another: something came meanwhile
            raise ArchiveConflict("changed", field="organization", code=self.target.code) from None
        return Organization.objects.get(pk=self.made.pk)

    def _write(self) -> None:
        organization = Organization.objects.select_for_update().filter(code=self.target.code).first()
        _target_require(organization, self.target)
        if (organization and organization.pk) != (self.before and self.before.pk):
            raise ArchiveConflict("changed", field="organization", code=self.target.code)
        if organization is None:
            self.scratch.rows_copy(Organization)
        else:
            _rows_remove(organization)
            fields = [field.attname for field in Organization._meta.concrete_fields if field.attname not in ("id", "code")]
            Organization.objects.filter(pk=organization.pk).update(**{name: getattr(self.made, name) for name in fields})
        self.scratch.rows_copy(User, since=self.keys[User])
        self.scratch.rows_copy(Membership, since=self.keys[Membership])
        for role, keys in self.roles.items():
            for some in chunked(keys, AT_ONCE):
                Membership.objects.filter(pk__in=some).update(role=role)
        for table in archive_tables().values():
            self.scratch.rows_copy(table.model)
        self.scratch.rows_copy(TakenOver)


def _target_require(organization: Organization | None, target: Target) -> None:
    if organization is None or not organization_has_rows(organization):
        return
    if not target.replace:
        raise ArchiveConflict("has_data", field="replace", code=target.code)
    if GenerationJob.objects.filter(organization=organization, status__in=GenerationJob.ACTIVE).exists():
        raise ArchiveConflict("has_active_jobs", field="replace", code=target.code)


def _rows_remove(organization: Organization) -> None:
    """Without looking at them one by one, as the models' own way would, while everybody waits."""
    for table in reversed(archive_tables().values()):  # type: ignore[call-overload]
        for relation in table.model._meta.related_objects:
            user = relation.related_model
            if table_name(user) not in archive_tables():
                rows = user._base_manager.filter(**{f"{relation.field.name}__{table.path}": organization})
                if relation.on_delete is models.SET_NULL:
                    rows.update(**{relation.field.name: None})
                else:
                    rows._raw_delete(rows.db)
        rows = table.model._base_manager.filter(**{table.path: organization})
        rows._raw_delete(rows.db)


def _numbers(document: Mapping[str, Any], tables: Tables) -> dict[type[models.Model], int]:
    """How many rows there can be of each table whose keys are numbers."""
    most = {table.model: len(rows) for table, _, rows in tables.values()}
    num_workflows, num_members = most.get(Workflow, 0), len(document["members"])
    most[WorkflowEvent] = most.get(WorkflowEvent, 0) + num_workflows  # each says who took it over
    variants = tables["generation.variant"][2] if "generation.variant" in tables else []
    in_rows = sum(len(value) for row in variants if isinstance(row, list) for value in row if isinstance(value, list))
    most[ConflictChunk] = 2 * most.get(ConflictChunk, 0) + in_rows + 10 * most.get(Variant, 0)  # stored anew from what they were
    most |= {Organization: 1, User: num_members, Membership: num_members}
    return {model: number + 1 for model, number in most.items() if isinstance(model._meta.pk, models.AutoField)}


def _free_keys(tables: Tables, organization: Organization | None, target: Target) -> dict[Any, Any]:
    """For each id of the archive that a row here has already, another one, always the same."""
    found: dict[Any, Any] = {}
    for table, columns, rows in tables.values():
        at = next((index for index, column in enumerate(columns) if column.is_key and isinstance(column.field, models.UUIDField)), None)
        if at is None:
            continue
        own = (_uuid(row[at]) for row in rows if isinstance(row, list) and len(row) > at)
        fresh = {key: key for key in own if key is not None}
        while taken := _taken(table, [*fresh.values()], organization if target.replace else None):
            fresh = {key: uuid.uuid5(free, "imported") for key, free in fresh.items() if free in taken}
            found |= fresh
    return found


def _taken(table: ArchiveTable, keys: Sequence[Any], leaving: Organization | None) -> set[Any]:
    """Those that rows here have, besides rows of an organization that goes."""
    here = table.model._default_manager.all()
    if leaving is not None:
        here = here.exclude(**{table.path: leaving})
    return {key for some in chunked(keys, AT_ONCE) for key in here.filter(pk__in=some).values_list("pk", flat=True)}


def _uuid(value: Any) -> uuid.UUID | None:
    return uuid_read(value) if isinstance(value, str) else None  # what is none is refused by row and column when it is read


@dataclass(frozen=True)
class _Beginnings:
    """What of the site's database an archive meets: the organization, the accounts that it names, and their roles."""

    organization: Organization | None
    users: Sequence[User]
    memberships: Sequence[Membership]

    @classmethod
    def read(cls, document: Mapping[str, Any], tables: Tables, organization: Organization | None, target: Target) -> _Beginnings:
        names = {member.get("username") for member in document["members"] if isinstance(member, dict)}
        for _, columns, rows in tables.values():
            ats = [index for index, column in enumerate(columns) if column.target == "user"]
            names |= {row[at] for row in rows if isinstance(row, list) for at in ats if len(row) > at and isinstance(row[at], str)}
        wanted = [name for name in names if isinstance(name, str) and _is_clean(name)]
        known = accounts_known(reader=target.reader)
        users = {user.pk: user for some in chunked(wanted, AT_ONCE) for user in known.filter(username__in=some)}
        if target.reader is not None:
            users[target.reader.pk] = target.reader
        roles = Membership.objects.filter(organization=organization) if organization else Membership.objects.none()
        memberships = [each for each in roles.iterator(chunk_size=AT_ONCE) if each.user_id in users]
        return cls(organization, [*users.values()], memberships)

    def write(self) -> None:
        if self.organization is not None:
            Organization.objects.bulk_create([self.organization])
        User.objects.bulk_create(self.users, batch_size=AT_ONCE)
        Membership.objects.bulk_create(self.memberships, batch_size=AT_ONCE)

    def roles_changed(self) -> dict[str, list[int]]:
        before, changed = {each.pk: each.role for each in self.memberships}, defaultdict[str, list[int]](list)
        for key, role in Membership.objects.values_list("pk", "role"):
            if before.get(key, role) != role:
                changed[role].append(key)
        return changed


def accounts_known(*, reader: User | None) -> QuerySet[User]:
    """The accounts that the reader can know: those of the institutions that he or she administers. Operators know all."""
    if reader is None or reader.is_superuser:
        return User.objects.all()
    governed = organizations_administered(user=reader)
    return User.objects.filter(Q(pk=reader.pk) | Q(memberships__organization__in=governed)).distinct()


def _organization(facts: Mapping[str, Any], file: str, code: str) -> Organization:
    organization = Organization.objects.filter(code=code).first()
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
    field, roles = User._meta.get_field("username"), Membership.Role.values
    wanted: dict[str, str] = {}
    for number, member in enumerate(members, 1):
        if not isinstance(member, dict) or set(member) != {"username", "role"} or member["role"] not in roles:
            raise ArchiveRefusal(
                "shape", file=file, where=f'"members", row {number}', why=f"a username and a role ({', '.join(roles)}) are needed"
            )
        wanted[_plain(field, member["username"], file=file, table="members", row=number)] = member["role"]
    if make_users:
        known = set(User.objects.values_list("username", flat=True))
        made = [User(username=name, password=make_password(None)) for name in wanted if name not in known]  # nobody signs in without one
        User.objects.bulk_create(made, batch_size=AT_ONCE)
    keys = dict(User.objects.values_list("username", "pk"))
    rows = [
        Membership(organization=organization, user_id=keys[name], role=role)
        for name, role in wanted.items()
        if name in keys and not (reader and keys[name] == reader.pk)
    ]
    Membership.objects.bulk_create(
        rows, batch_size=AT_ONCE, update_conflicts=True, update_fields=["role"], unique_fields=["organization", "user"]
    )


def tables_known(*, tables: Mapping[str, Any], file: str) -> Tables:
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
    if len(content["rows"]) > settings.IMPORT_MAX_ROWS:
        raise ArchiveRefusal("many_rows", file=file, table=table.name, number=len(content["rows"]), most=settings.IMPORT_MAX_ROWS)
    return [known[name] for name in names], content["rows"]


class _Reader:
    """Goes through the tables in their order; what a row refers to has its key by then."""

    def __init__(
        self,
        tables: Tables,
        file: str,
        organization: Organization,
        on_progress: OnProgress,
        accounts: QuerySet[User],
        free_keys: Mapping[Any, Any],
    ) -> None:
        self.tables = tables
        self.free_keys = free_keys
        self.file = file
        self.organization = organization
        self.on_progress = on_progress
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
            self.on_progress(f"Reading {table.title}", self.done, self.total)
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
            return self.free_keys.get(found, found) if column.is_key else found
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
