"""A backup's file: a zip with a manifest, the database, and the secret key where this installation made its own.

The manifest stands first and names the size and SHA-256 of every other member.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from erp.backups.messages import BackupRefusal

FORMAT, VERSION = "timeloom-backup", 1
MANIFEST = "manifest.json"
MANIFEST_MOST = 2**20
PIECE = 2**20
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Member:
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    database: str  # "sqlite" or "postgresql"
    server: str  # its version, as it says it
    program_major: int  # of pg_dump; 0 for SQLite
    began_at: str
    ended_at: str  # the database is as it stood at one moment between the two
    migrations: list[str]
    tables: list[str]
    key_fingerprint: str
    members: Mapping[str, Member]
    format: str = FORMAT
    version: int = VERSION


def container_write(*, file: Path, manifest: Manifest, members: Mapping[str, Path]) -> None:
    """PostgreSQL's dumps are packed already; deflate finds nothing more in them, and costs little."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        for name, path in members.items():
            packed.write(path, name)


def member_of(path: Path) -> Member:
    with path.open("rb") as stream:
        return Member(path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


@contextmanager
def container_open(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The open file with its manifest; raises BackupRefusal where it is none of ours."""
    try:
        with zipfile.ZipFile(file) as packed:
            yield packed, _manifest(packed, file)
    except OSError as error:
        raise BackupRefusal("unreadable", file=file, why=error.strerror or error) from None
    except DAMAGES as error:
        raise BackupRefusal("no_backup", file=file, why=error) from None


def _manifest(packed: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        if packed.getinfo(MANIFEST).file_size > MANIFEST_MOST:
            raise ValueError("its manifest is too large")
        facts = json.loads(packed.read(MANIFEST))
        if facts["format"] != FORMAT:
            raise ValueError("its format is another one")
        if facts["version"] != VERSION:
            raise BackupRefusal("version", file=file, found=facts["version"], known=VERSION)
        facts["members"] = {name: Member(**member) for name, member in facts["members"].items()}
        return Manifest(**facts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupRefusal("no_backup", file=file, why=error) from None


def member_extract(*, packed: zipfile.ZipFile, manifest: Manifest, name: str, file: Path, to: Path) -> None:
    """Unpacks one member, no further than its size, and compares it with the manifest."""
    try:
        with packed.open(name) as stream, to.open("wb") as out:
            found = _copied(stream, out, manifest.members[name].size)
    except (*DAMAGES, KeyError):
        raise BackupRefusal("damaged", file=file, member=name) from None
    if found != manifest.members[name]:
        raise BackupRefusal("damaged", file=file, member=name)


def _copied(stream: IO[bytes], out: IO[bytes], most: int) -> Member:
    digest, size = hashlib.sha256(), 0
    while size <= most and (piece := stream.read(PIECE)):
        size += len(piece)
        digest.update(piece)
        out.write(piece)
    return Member(size, digest.hexdigest())


def container_check(file: Path) -> None:
    """Reads what was just written: a disk that lies is noticed while the database is still there."""
    with container_open(file) as (packed, manifest):
        for name, member in manifest.members.items():
            with packed.open(name) as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != member.sha256:  # type: ignore[arg-type]
                    raise BackupRefusal("damaged", file=file, member=name)
