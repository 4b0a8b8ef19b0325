"""Which module imports which, and what follows for the rooms: arrows, circles, floors.

A room is a folder. A file that lies loose in `generation/` or in `generation/engine/` is a room of its own, as the lowest
(`models`) and the highest (`tasks`, `solve`) of them lie there side by side.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx

APPS = ("academics", "erp", "generation", "progress")
LOOSE_IN = ("generation", "generation.engine")
Arrow = tuple[str, str]


@functools.cache
def imported_names(path: Path, root: Path) -> tuple[str, ...]:
    """Every imported name as `module.name`, with relative imports resolved; inside functions and under TYPE_CHECKING, too."""
    names: list[str] = []
    package = path.relative_to(root).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(), filename=str(path))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names += [f"{module}.{alias.name}" for alias in node.names]
    return tuple(names)


def source_files(root: Path) -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in sorted((root / app).rglob("*.py")) if "migrations" not in path.parts)


@dataclass(frozen=True)
class House:
    """The modules below `root` and their imports of one another."""

    root: Path

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """By dotted name; a package is its `__init__.py`, and an empty one is nothing."""
        found = {}
        for path in source_files(self.root):
            name = ".".join(path.relative_to(self.root).with_suffix("").parts)
            if path.name != "__init__.py" or ast.parse(path.read_text()).body[1:]:
                found[name.removesuffix(".__init__")] = path
        return found

    @cached_property
    def modules(self) -> networkx.DiGraph:
        graph = networkx.DiGraph()
        graph.add_nodes_from(self.paths)
        for module, path in self.paths.items():
            for name in imported_names(path, self.root):
                target = self._module_of(name)
                if target and target != module:
                    graph.add_edge(module, target)
        return graph

    def _module_of(self, name: str) -> str:
        while name and name not in self.paths:
            name = name.rpartition(".")[0]
        return name

    def room_of(self, module: str) -> str:
        path = self.paths[module]
        folder = ".".join(path.relative_to(self.root).parent.parts)
        return module if folder in LOOSE_IN else folder

    @cached_property
    def arrows(self) -> Mapping[Arrow, list[Arrow]]:
        """Between two rooms: the imports that make it."""
        found = defaultdict(list)
        for arrow in self.modules.edges:
            one, other = map(self.room_of, arrow)
            if one != other:
                found[one, other].append(arrow)
        return dict(sorted(found.items()))

    @cached_property
    def rooms(self) -> networkx.DiGraph:
        graph = networkx.DiGraph()
        graph.add_nodes_from(map(self.room_of, self.paths))
        graph.add_edges_from(self.arrows)
        return graph

    def loose_files(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).glob("*.py") if path.name != "__init__.py")

    @cached_property
    def floors(self) -> Mapping[str, int]:
        """How high a room lies: one above the highest that it imports. A circle of rooms lies on one floor."""
        merged = networkx.condensation(self.rooms)
        height: dict[int, int] = {}
        for number in reversed(list(networkx.topological_sort(merged))):
            height[number] = 1 + max((height[below] for below in merged.successors(number)), default=0)
        return {room: height[number] for number, data in merged.nodes(data=True) for room in data["members"]}


def circles(graph: networkx.DiGraph) -> list[list[str]]:
    """Those that import one another, directly or by a detour."""
    return sorted(sorted(each) for each in networkx.strongly_connected_components(graph) if len(each) > 1)
