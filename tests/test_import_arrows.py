"""The arrows between the rooms: who may import whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.imports import House, circles, imported_names
from tests.house.plan import FEATURES, FLOORS, MOST_LOOSE, UP, arrows_up, is_entry

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
        "academics.importing.tables",
        "academics.broker",
        "academics.long_work",
        "academics.placements",
        "academics.spreadsheets",
        "academics.term_weeks",
        "academics.week_labels",
        "academics.weekly_times",
        "academics.without_room",
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


def _imports(path: Path) -> tuple[str, ...]:
    return imported_names(path, ROOT)


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


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


@pytest.mark.parametrize("folder", sorted(MOST_LOOSE))
def test_few_files_lie_loose(house: House, folder: str) -> None:
    assert len(house.loose_files(folder)) <= MOST_LOOSE[folder], house.loose_files(folder)


def test_no_module_imports_itself_by_a_detour(house: House) -> None:
    assert circles(house.modules) == []


def test_every_room_has_its_floor(house: House) -> None:
    assert set(house.rooms) - {room for rooms in FLOORS for room in rooms} == set()


def test_no_arrow_runs_up_but_those_with_a_reason(house: House) -> None:
    assert {arrow: house.arrows[arrow] for arrow in arrows_up(house) if arrow not in UP} == {}
    assert sorted(UP) == sorted(arrows_up(house)), "a reason for an arrow that is no longer there"


def test_rooms_make_no_circle_but_by_an_arrow_with_a_reason(house: House) -> None:
    rooms = house.rooms.copy()
    rooms.remove_edges_from(UP)

    assert circles(rooms) == []


def test_features_import_the_services_of_one_another_and_never_pages_or_views(house: House) -> None:
    wrong = [
        f"{module} imports {target}"
        for (room, other), imports in house.arrows.items()
        if room in FEATURES and other in FEATURES
        for module, target in imports
        if is_entry(target)
    ]

    assert wrong == []


def test_imports_of_all_kinds_are_seen(tmp_path: Path) -> None:
    files = {
        "generation/models.py": "",
        "generation/runs/saga.py": "def run():\n    from generation.models import Job\n",
        "generation/runs/lease.py": "from . import saga\nfrom ..text.labels import WORDS\n",
        "generation/text/__init__.py": "",
        "generation/text/labels.py": "if TYPE_CHECKING:\n    from generation.runs import saga, lease\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    small = House(tmp_path)

    assert circles(small.modules) == [["generation.runs.lease", "generation.text.labels"]]
    assert sorted(small.arrows) == [
        ("generation.runs", "generation.models"),
        ("generation.runs", "generation.text"),
        ("generation.text", "generation.runs"),
    ]
    assert small.floors == {"generation.models": 1, "generation.runs": 2, "generation.text": 2}


def test_a_forbidden_import_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offender = tmp_path / "progress" / "store.py"
    offender.parent.mkdir()
    offender.write_text("def read():\n    from generation.models import Job\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)

    with pytest.raises(AssertionError, match=r"progress/store.py imports generation.models.Job"):
        test_room_imports_only_the_rooms_it_may("progress")
