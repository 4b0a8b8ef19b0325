"""The repository keeps its own promises: pins and migrations."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.conftest import LONG_MODULES
from tests.one_database import ON_SQLITE_ALONE

ROOT = Path(__file__).resolve().parent.parent
UNFINISHED = re.compile("TO[D]O|FIX[M]E")  # bracketed, so that this line is not found
SOURCE_ENDINGS = (".py", ".html", ".css", ".js", ".sh", ".toml", ".yml", ".conf")


def _tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [ROOT / name for name in listing.split("\n") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r "))]

    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.\-]+(\[[a-z,]+\])?==[0-9][\w.]*", line)] == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.parametrize("app", ["academics", "generation"])
def test_each_app_has_its_first_migration(app: str) -> None:
    assert (ROOT / app / "migrations" / "0001_initial.py").exists()


def test_modules_that_the_tests_name_are_there() -> None:
    assert [name for name in (*ON_SQLITE_ALONE, *LONG_MODULES) if not (ROOT / name).is_file()] == []


def test_nothing_is_left_to_do() -> None:
    sources = [path for path in _tracked() if path.suffix in SOURCE_ENDINGS]

    assert [str(path) for path in sources if UNFINISHED.search(path.read_text())] == []


def settings_read() -> set[str]:
    names = ("erp/settings.py", "erp/http_protocol.py", "deploy/gunicorn.conf.py", "erp/management/commands/run.py")
    text = "".join((ROOT / name).read_text() for name in names)
    return set(re.findall(r"""(?:env\.\w+|environ\.get)\(\s*"([A-Z_]+)\"""", text))
