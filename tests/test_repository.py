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


# Tests of what several modules of a room do together are named by what they show.
BY_WHAT_THEY_SHOW = {
    "academics": "theme",
    "academics/restructuring": "any_table program_lists school_programs vendors",
    "academics/importing": "groups identity kinds messy parts readings wishes",
    "academics/weekly_times": "any_text cells files",
    "erp/archive": "hostile one_moment round_trip short_writes",
    "erp": "import_fet import_fuzz import_restructuring unitime_csv",
    "generation": "rules_kept wishes_kept",
    "generation/editing": "ctt",
    "generation/engine": "last_pass readme",
    "generation/exports": "exports judged",
    "generation/publication": "kept_pages",
    "generation/readiness": "warnings",
    "generation/retention": "runs",
    "generation/review": "races",
    "generation/runs": "nothing_left",
    "generation/today": "today",
    "generation/web": "walk",
    "generation/worker": "worker",
    "progress": "client client_tabs consumer faults idle_proxy interleavings limits revocation strangers worker_killed",
}


def test_tests_lie_where_what_they_test_lies() -> None:
    """`tests/a/b/test_c.py`, or `test_c_and_more.py`, is about `a/b/c.py`, or about the room `a/b/c`."""
    wrong = []
    for app in ("academics", "erp", "generation", "progress"):
        for path in (ROOT / "tests" / app).rglob("test_*.py"):
            room = path.parent.relative_to(ROOT / "tests")
            modules = {
                each.stem
                for folder in (room, room / "commands", room / "management" / "commands")
                for each in (ROOT / folder).glob("[!_]*")
            }
            name = path.stem.removeprefix("test_")
            is_of_module = any(name == module or name.startswith(f"{module}_") for module in modules)
            if not is_of_module and name not in BY_WHAT_THEY_SHOW.get(str(room), "").split():
                wrong.append(str(path.relative_to(ROOT)))

    assert wrong == []


# What an earlier release called its modules, where installations, links or waiting messages go on naming it.
NAMED_BEFORE = {"generation.selectors.JobSource", "generation.published.feeds", "academics.tasks.import_run"}
SOURCE_OF_NAMES = (*SOURCE_ENDINGS, ".md", ".txt", ".env", "")


def _is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something that is written in one."""
    parts = name.split(".")
    for number in range(len(parts), 1, -1):
        path = ROOT.joinpath(*parts[:number])
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if module.is_file():
            return number == len(parts) or re.search(rf"\b{parts[number]}\b", module.read_text()) is not None
    return False


def _names_in(text: str) -> set[str]:
    """Dotted names of this project's modules and of what is in them, wherever they stand: in imports, strings, scripts."""
    app = r"(?<![\w./@-])(?:academics|erp|generation|progress)"
    found = set(re.findall(rf"{app}(?:\.[a-z_]\w*)+\.[A-Za-z]\w*", text))
    for module, names in re.findall(rf"from ({app}(?:\.\w+)*) import (\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*)", text):
        found |= {f"{module}.{name.split()[0]}" for name in names.split(", ")}
    return found


def test_each_module_that_a_text_names_exists() -> None:
    """Also in scripts that benchmarks and drills hand to a shell, in settings, images and documents."""
    examples = {"test_import_arrows.py", "plan.py", "test_map.py", "CHANGELOG.md"}
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in _tracked()
        if path.suffix in SOURCE_OF_NAMES and path.name not in examples and not {"migrations", "static"} & set(path.parts)
        for name in _names_in(path.read_text(errors="ignore"))
    }

    assert sorted((name, path) for name, path in named if name not in NAMED_BEFORE and not _is_there(name)) == []


def test_no_script_gives_two_functions_one_name() -> None:
    """The browser takes the later one for both, and says nothing."""
    functions = re.compile(r"^( *(?:async )?function \w+)", re.MULTILINE)
    found = {path.name: functions.findall(path.read_text()) for path in (ROOT / "static" / "js").glob("*.js")}

    assert {name: sorted(names) for name, names in found.items() if len(names) != len(set(names))} == {}
