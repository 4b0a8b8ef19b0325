"""An organization as one JSON document, written piece by piece: the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from academics.consistent_reads import consistent_read
from academics.importing.snapshots import plain_value
from academics.models import Membership, Organization
from erp.archive.tables import FORMAT, ORGANIZATION_LEFT_OUT, ROWS_LEFT_OUT, VERSION, ArchiveTable, archive_tables, finished_only

AT_ONCE = 1000
IN_MEMORY = 8 * 2**20  # of a packed archive; a larger one is a file
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain_value).encode
Numbers = dict[str, dict[Any, Any]]  # by table: the row's key, and what the archive calls it


def archive_write(*, organization: Organization) -> Iterator[str]:
    """The document's text in pieces, as everything stood at one moment: they come out of one transaction, so take them without delay.

    Users are named by username; nothing of theirs is in it besides their role.
    """
    with consistent_read():
        yield from _document(Organization.objects.get(pk=organization.pk))


def archive_file(*, organization: Organization) -> IO[bytes]:
    """The whole document, packed by zlib, in a temporary file without a name: whoever fetches it slowly holds no transaction."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever unpacks it closes it
    packer = zlib.compressobj(1)
    for piece in archive_write(organization=organization):
        file.write(packer.compress(piece.encode()))
    file.write(packer.flush())
    file.seek(0)
    return file


def archive_unpack(*, file: IO[bytes]) -> Iterator[bytes]:
    """The document of `archive_file`, in pieces."""
    unpacker = zlib.decompressobj()
    with file:
        while packed := file.read(2**14):
            yield unpacker.decompress(packed)
        yield unpacker.flush()


def archive_digest(*, document: Mapping[str, Any]) -> str:
    """What `digest` has to be; another one where anything was added, left out or altered since the archive was written."""
    digest = _Digest()
    digest.add(document["organization"])
    digest.add(document["members"])
    for name, content in document["tables"].items():
        digest.add([name, content["columns"]])
        for row in content["rows"]:
            digest.add(row)
    return digest.text


class _Digest:
    """Of values, and not of the file's bytes: whoever lays the document out anew has not altered it."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, value: Any) -> str:
        text = _encode(value)
        self._hash.update(text.encode(errors="surrogatepass") + b"\n")
        return text

    @property
    def text(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def _document(organization: Organization) -> Iterator[str]:
    digest = _Digest()
    yield f'{{"format":{_encode(FORMAT)},"version":{VERSION},\n"organization":{digest.add(_facts(organization))},\n'
    members = Membership.objects.filter(organization=organization).order_by("user__username")
    found = list(members.values_list("user", "user__username", "role"))
    yield f'"members":{digest.add([{"username": username, "role": role} for _, username, role in found])},\n"tables":{{'
    users: dict[Any, Any] = {key: username for key, username, _ in found}  # others, who were members once, are looked up
    numbers: Numbers = {}
    for index, table in enumerate(archive_tables().values()):
        columns = [column.name for column in table.columns]
        digest.add([table.name, columns])
        yield f'{"," if index else ""}\n{_encode(table.name)}:{{"columns":{_encode(columns)},"rows":['
        yield from _rows(table, organization, numbers, users, digest)
        yield "]}"
    yield f'\n}},\n"digest":{_encode(digest.text)}}}\n'


def _facts(organization: Organization) -> dict[str, Any]:
    fields = [field.attname for field in Organization._meta.concrete_fields if field.attname not in ORGANIZATION_LEFT_OUT]
    return {name: getattr(organization, name) for name in fields}


def _rows(table: ArchiveTable, organization: Organization, numbers: Numbers, users: dict[Any, Any], digest: _Digest) -> Iterator[str]:
    """A table's rows in pieces. Where a row belongs to one that came too late to be written, null keeps its place."""
    rows = table.model._default_manager.filter(**{table.path: organization}, **finished_only(table.model)).order_by("pk")
    if table.name in ROWS_LEFT_OUT:
        rows = rows.exclude(**ROWS_LEFT_OUT[table.name])
    known = numbers[table.name] = {}
    if any(column.target == table.name for column in table.columns):
        known |= {key: number for number, key in enumerate(rows.values_list("pk", flat=True), 1)}
    key_at = next((index for index, column in enumerate(table.columns) if column.is_key), None)
    piece: list[str] = []
    names = ["pk", *(column.name for column in table.columns)]
    for number, (key, *values) in enumerate(rows.values_list(*names).iterator(chunk_size=AT_ONCE), 1):
        found = [_value(column, value, numbers, users) for column, value in zip(table.columns, values, strict=True)]
        is_whole = all(new is not None or column.field.null for column, new in zip(table.columns, found, strict=True))
        known.setdefault(key, number if key_at is None else found[key_at])
        piece.append(f"{',' if number > 1 else ''}\n{digest.add(found if is_whole else None)}")
        if len(piece) == AT_ONCE:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _value(column: Any, value: Any, numbers: Numbers, users: dict[Any, Any]) -> Any:
    if value is None or not column.target:
        return value
    if column.target == "user":
        if value not in users:
            users[value] = column.field.related_model._default_manager.filter(pk=value).values_list("username", flat=True).first()
        return users[value]
    return numbers.get(column.target, {}).get(value)
