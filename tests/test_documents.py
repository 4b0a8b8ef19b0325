"""The documents tell the truth: links, pictures, addresses of the program, commands with their options, settings, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from erp.help.documents import DOCUMENTS, PICTURES, anchor_of, document_rendered
from tests.benchmarks.report import SUITES
from tests.test_repository import ROOT, settings_read

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BEFORE = r"""(?:(?<=[\s`"(])|(?<=base\})|(?<=\$base)|(?<=:8000))"""
ADDRESS = re.compile(BEFORE + r"/(?:admin|api|accounts|help|timetables|feeds|metrics)(?![\w-])[\w/.${}-]*")
PLACEHOLDER = re.compile(r"\$\w+|\{\w+\}|\b[A-Z][A-Z_]+\b")
# What is written like a setting and is none: values to fill in, variables of benchmarks and tests.
NO_SETTING = {
    *("JOB_ID", "IMPORT_ID", "THE_METRICS_TOKEN"),
    *("CHOICE_SEEDS", "LARGE_TIME", "TIMELOOM_SHARED", "TIMELOOM_FULL_INTERVALS"),
}
PICTURE_MAX = 80 * 1024


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(params=PAGES, ids=named)
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def code_of(text: str) -> str:
    """What is written as code: spans and blocks, each on lines of its own."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join([*blocks, *spans])


def anchors_of(path: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return {anchor_of(re.sub(r"[`*]", "", line.lstrip("# "))) for line in text.splitlines() if line.startswith("#")}


def test_each_link_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        name, _, anchor = link.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not link.startswith("https://") and not (file.is_file() and (not anchor or anchor in anchors_of(file))):
            wrong.append(link)
    assert wrong == []


def test_each_address_exists(page: Path) -> None:
    wrong = []
    for found in ADDRESS.findall(page.read_text()):
        address = PLACEHOLDER.sub(str(UUID(int=1)), found.rstrip("."))
        try:
            resolve(address)
        except Resolver404:
            wrong.append(found)
    assert wrong == []


def test_each_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", code_of(page.read_text()), re.MULTILINE)) <= targets


def test_each_suite_exists(page: Path) -> None:
    assert set(re.findall(r"\bSUITE=(\w+)", page.read_text())) <= set(SUITES)


def test_each_command_and_option_exists(page: Path) -> None:
    code = code_of(page.read_text())
    commands = get_commands()
    assert set(re.findall(r"manage\.py ([a-z_]+)", code)) <= set(commands)
    wrong = []
    for name, rest in re.findall(r"manage\.py ([a-z_]+)([^#;|\n]*)", code):
        parser = load_command_class(commands[name], name).create_parser("manage.py", name)
        wrong += [f"{name} {each}" for each in re.findall(r"(?<=\s)--[a-z-]+", rest) if each not in parser._option_string_actions]
    assert wrong == []


def test_each_setting_exists(page: Path) -> None:
    containers = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    scripts = set(re.findall(r"[A-Z_]+_IMAGE", (ROOT / "deploy" / "pin_images.sh").read_text()))
    written = set(re.findall(r"(?<![/\w.])([A-Z][A-Z]+(?:_[A-Z]+)+)\b", page.read_text()))
    if page.name != "CONTRIBUTING.md":  # which names constants of the code
        assert written - settings_read() - {"DEMO_PASSWORD"} - containers - scripts - NO_SETTING == set()


def test_each_file_exists(page: Path) -> None:
    written = re.findall(r"`((?:erp|academics|generation|progress|templates|static|deploy|tests|docs)/[\w./-]*)`", page.read_text())
    assert [path for path in written if not (ROOT / path).exists()] == []


def test_each_module_that_the_engine_names_exists() -> None:
    engine = ROOT / "generation" / "engine"
    written = re.findall(r"`([\w/]+\.py)`", (engine / "README.md").read_text())
    files = [str(each.relative_to(engine)) for each in engine.rglob("*.py")] + ["brute_force.py"]

    assert [each for each in written if not (ROOT / each).exists() and not any(f"/{file}".endswith(f"/{each}") for file in files)] == []


def test_the_table_of_settings_lists_every_setting_and_no_other() -> None:
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text().partition("\n## ")[0].splitlines() if line.startswith("|")]
    listed = {name for line in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", line.split("|")[1])}

    assert listed - {"DEMO_PASSWORD"} == settings_read() - {"DEMO_PASSWORD"}


def test_the_table_of_benchmarks_lists_every_suite() -> None:
    assert set(re.findall(r"^\| `SUITE=(\w+)`", (ROOT / "docs" / "benchmarks.md").read_text(), re.MULTILINE)) == set(SUITES) - {"small"}


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= 150


def rooms_drawn() -> Iterator[str]:
    tree = README.read_text().partition("```\ngeneration/\n")[2].partition("```")[0]
    for line in tree.splitlines():
        if found := re.match(r"( +)(\w+)/", line):
            yield ("generation/engine/" if len(found[1]) == 4 else "generation/") + found[2]


def test_the_readme_draws_every_room() -> None:
    folders = [each for parent in ("generation", "generation/engine") for each in (ROOT / parent).iterdir()]
    there = {named(each) for each in folders if (each / "__init__.py").is_file()}

    assert set(rooms_drawn()) == there - {"generation/management", "generation/migrations"}


def test_each_picture_is_small_and_shown() -> None:
    shown = {name for path in PAGES for name in re.findall(r"pictures/([\w-]+\.png)\)", path.read_text())}

    assert {each.name for each in PICTURES.iterdir()} == shown
    assert [each.name for each in PICTURES.iterdir() if each.stat().st_size > PICTURE_MAX] == []


def test_each_link_from_a_page_to_the_help_leads_to_a_section() -> None:
    wanted = [
        found
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(r'"help/_link\.html" with page="([\w-]+)" section="([\w-]+)"', path.read_text())
    ]
    by_slug = {each.slug: document_rendered(each, is_staff=True) for each in DOCUMENTS}

    assert len(wanted) >= 6
    assert [pair for pair in wanted if pair[1] not in {each.anchor for each in by_slug[pair[0]].sections}] == []


def test_the_containers_have_every_document() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert [each.file for each in DOCUMENTS if any(fnmatch(part, pattern) for part in Path(each.file).parts for pattern in ignored)] == []
