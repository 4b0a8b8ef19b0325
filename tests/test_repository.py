"""The repository keeps its own promises: pins, migrations, and documents that tell the truth."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

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


@pytest.mark.parametrize("command", ["run", "prepare"])
def test_command_of_the_documents_exists(command: str) -> None:
    assert command in get_commands()


def test_make_has_the_targets_of_the_documents() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"run", "test", "lint", "bench"} <= targets


def settings_read() -> set[str]:
    names = ("erp/settings.py", "erp/http_protocol.py", "deploy/gunicorn.conf.py", "erp/management/commands/run.py")
    text = "".join((ROOT / name).read_text() for name in names)
    return set(re.findall(r"""(?:env\.\w+|environ\.get)\(\s*"([A-Z_]+)\"""", text))


def test_the_readme_lists_every_setting_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme.partition("## Settings")[2].partition("\n## ")[0]
    listed = {name for line in table.splitlines() if line.startswith("|") for name in re.findall(r"`([A-Z][A-Z_]+)`", line.split("|")[1])}

    assert listed - {"DEMO_PASSWORD"} == settings_read() - {"DEMO_PASSWORD"}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_each_path_that_a_document_names_exists(document: str) -> None:
    named = re.findall(r"`((?:erp|academics|generation|progress|templates|static|deploy|tests)/[\w./-]*)`", (ROOT / document).read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_each_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"manage\.py ([a-z_]+)", (ROOT / "README.md").read_text()))

    assert {"solve", "import_data", "generate", "demo"} <= shown <= set(get_commands())
