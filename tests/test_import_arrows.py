"""The arrows between the rooms: who may import whom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"erp", "academics", "generation", "progress"}
FRAMEWORKS = {"django", "celery", "redis", "kombu", "rest_framework", "channels", "psycopg"}
ALLOWED = {
    "academics": ("academics",),
    "progress": ("progress",),
    "generation": (
        "generation",
        "academics.selectors",
        "academics.models",
        "academics.access",
        "academics.concerned",
        "academics.errors",
        "academics.ids",
        "academics.broker",
        "academics.long_work",
        "academics.spreadsheets",
        "academics.week_labels",
        "progress.tracker",
        "progress.terminal",
    ),
    "erp": ("erp", "academics", "generation", "progress"),
}
ENGINE_ALLOWED = {
    "generation/engine": ("generation.engine",),
    "generation/formats": ("generation.formats", "generation.engine"),
}
STAGES = ("clustering", "construction", "evolution", "refinement")


def _files(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]


def _imports(path: Path) -> list[str]:
    """Every imported name as `module.name`, with relative imports resolved."""
    names: list[str] = []
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(), filename=str(path))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names += [f"{module}.{alias.name}" for alias in node.names]
    return names


def _is_within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in allowed)


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_room_imports_only_the_rooms_it_may(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(room)
        for name in _imports(path)
        if name.split(".")[0] in ROOMS and not _is_within(name, ALLOWED[room])
    ]

    assert wrong == []


@pytest.mark.parametrize("folder", sorted(ENGINE_ALLOWED))
def test_engine_and_formats_know_no_framework_and_no_app(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        for name in _imports(path)
        if name.split(".")[0] in FRAMEWORKS or (name.split(".")[0] in ROOMS and not _is_within(name, ENGINE_ALLOWED[folder]))
    ]

    assert wrong == []


def test_stages_never_import_one_another() -> None:
    wrong = []
    for stage in STAGES:
        others = ("generation.engine.solve", *(f"generation.engine.stages.{other}" for other in STAGES if other != stage))
        path = ROOT / f"generation/engine/stages/{stage}.py"
        pairs = [(path, name) for name in _imports(path)]
        wrong += [f"{path.relative_to(ROOT)} imports {name}" for path, name in pairs if _is_within(name, others)]

    assert wrong == []


def test_a_forbidden_import_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offender = tmp_path / "progress" / "store.py"
    offender.parent.mkdir()
    offender.write_text("def read():\n    from generation.models import Job\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)

    with pytest.raises(AssertionError, match=r"progress/store.py imports generation.models.Job"):
        test_room_imports_only_the_rooms_it_may("progress")
