"""`make map` counts what is there, and its drawing in the documents knows every room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.__main__ import BEGIN, END, ROOT, drawing, drawn_into, figures, main, short
from tests.house.imports import House
from tests.house.sizes import percentile, sizes_of

PAGE = "docs/architecture.md"


def small_house(root: Path) -> House:
    files = {
        "academics/models.py": "VALUE = 1  # one\n",
        "generation/__init__.py": '"""The app."""\n',
        "generation/models.py": '"""Rows | tables."""\nfrom academics import models\n',
        "generation/runs/__init__.py": '"""Runs."""\n',
        "generation/runs/saga.py": "from academics.models import VALUE\n\ndef run():\n    from generation import models\n    return 1\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return House(root)


def test_figures_count_rooms_arrows_and_sizes(tmp_path: Path) -> None:
    lines = "\n".join(figures(small_house(tmp_path)))

    assert re.search(r"loose files of generation/ +1: models.py", lines)
    assert re.search(r"rooms +3 \(3 folders\)", lines)
    assert re.search(r"floors +3", lines)
    assert re.search(r"arrows between rooms +3 ", lines)
    assert re.search(r"circles of rooms +0", lines)
    assert re.search(r"lines of a function +3 at the median", lines)
    assert re.search(r"lines with a comment +11.1 % of 9", lines)


def test_drawing_leaves_out_what_follows_from_another_arrow(tmp_path: Path) -> None:
    assert drawing(small_house(tmp_path)).splitlines()[2:] == [
        "| 3 | `runs` | Runs. | `models` |",
        "| 2 | `models` | Rows \\| tables. | `academics` |",
        "| 1 | `academics` |  |  |",
    ]


def test_page_keeps_what_stands_around_the_drawing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    main(["--root", str(small_house(tmp_path).root), "--draw", str(page)])

    assert page.read_text().startswith(f"before\n{BEGIN}\n\n| Floor")
    assert page.read_text().endswith(f"|\n\n{END}\nafter\n")
    with pytest.raises(SystemExit, match="to draw between"):
        drawn_into("nothing", "table")


def test_percentiles_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# why\ndef f():\n    return '# no comment'\n\n")

    assert [percentile([1, 2, 3, 4], share) for share in (0.5, 0.95, 1.0)] == [2, 4, 4]
    assert percentile([], 0.5) == 0
    sizes = sizes_of([tmp_path / "a.py"])
    assert (sizes.functions, sizes.modules, sizes.num_comments, sizes.num_lines) == ([2], [4], 1, 3)


def test_map_of_the_documents_knows_every_room() -> None:
    table = (ROOT / PAGE).read_text().partition(BEGIN)[2].partition(END)[0]
    drawn = set(re.findall(r"^\| \d+ \| `([\w.]+)`", table, re.MULTILINE))

    assert drawn == {short(room) for room in House(ROOT).rooms}, f"draw it anew: make map DRAW={PAGE}"
