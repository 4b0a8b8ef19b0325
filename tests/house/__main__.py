"""Prints the plan of the source in figures, or draws its rooms into the page about the architecture: see `make map`."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import networkx

from tests.house.imports import LOOSE_IN, Arrow, House, circles, source_files
from tests.house.plan import UP, arrows_up
from tests.house.sizes import LONG_MODULE, percentile, sizes_of

ROOT = Path(__file__).resolve().parent.parent.parent
BEGIN, END = "<!-- map:begin -->", "<!-- map:end -->"


def figures(house: House) -> Iterator[str]:
    """Line by line, what is counted."""
    for folder in (name.replace(".", "/") for name in LOOSE_IN):
        loose = house.loose_files(folder)
        yield f"loose files of {folder + '/':<20} {len(loose)}: {', '.join(loose)}"
    folders, between = folders_of(house)
    yield f"modules                             {len(house.modules)}"
    yield f"rooms                               {len(house.rooms)} ({len(folders)} folders)"
    yield f"floors                              {max(house.floors.values())}"
    yield f"arrows between rooms                {len(house.arrows)} ({len(between)} between folders)"
    yield from listed("circles of modules", (", ".join(each) for each in circles(house.modules)))
    yield from listed("circles of rooms", (", ".join(each) for each in circles(house.rooms)))
    yield from listed("arrows that run up", (f"{one} -> {other}" for one, other in arrows_up(house)))
    sizes = sizes_of(source_files(house.root))
    for name, numbers in (("function", sizes.functions), ("module", sizes.modules)):
        yield f"lines of a {name:<24} {percentile(numbers, 0.5)} at the median, {percentile(numbers, 0.95)} at the 95th percentile"
    yield f"modules above {LONG_MODULE} lines             {sizes.num_long_modules}"
    yield f"lines with a comment                {100 * sizes.comment_share:.1f} % of {sizes.num_lines}"


def listed(title: str, items: Iterable[str]) -> Iterator[str]:
    found = list(items)
    yield f"{title:<35} {len(found)}"
    yield from (f"    {each}" for each in found)


def folders_of(house: House) -> tuple[set[str], set[Arrow]]:
    """Rooms and arrows where loose files count as the folder that they lie in."""

    def folder(room: str) -> str:
        return room.rpartition(".")[0] if room in house.paths and room.rpartition(".")[0] in LOOSE_IN else room

    pairs = ((folder(one), folder(other)) for one, other in house.arrows)
    return {folder(room) for room in house.rooms}, {(one, other) for one, other in pairs if one != other}


def drawing(house: House) -> str:
    """The rooms as a table, the highest floor first; what a room rests on by way of another one is left out."""
    graph = house.rooms.copy()
    graph.remove_edges_from(UP)
    shown = networkx.transitive_reduction(graph) if networkx.is_directed_acyclic_graph(graph) else graph
    lines = ["| Floor | Room | What it is | Rests on |", "| ---: | --- | --- | --- |"]
    for room in sorted(graph, key=lambda each: (-house.floors[each], each)):
        below = sorted(shown.successors(room), key=lambda each: (-house.floors[each], each))
        names = ", ".join(f"`{short(each)}`" for each in below)
        lines.append(f"| {house.floors[room]} | `{short(room)}` | {words_of(house, room)} | {names} |")
    up = [f"- `{short(one)}` imports `{short(other)}`. {UP[one, other]}" for one, other in house.arrows if (one, other) in UP]
    return "\n".join([*lines, *(["", "Arrows that run up, each with its reason:", "", *up] if up else [])])


def short(room: str) -> str:
    return room.removeprefix("generation.") if room != "generation" else room


def words_of(house: House, room: str) -> str:
    """The first line of the room's docstring."""
    path = house.root / room.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    words = (path.is_file() and ast.get_docstring(ast.parse(path.read_text()))) or ""
    return words.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def drawn_into(page: str, table: str) -> str:
    """The page with the table between its two markers; a page without them is refused."""
    if BEGIN not in page or END not in page:
        raise SystemExit(f"The page has no {BEGIN} and {END} to draw between.")
    return f"{page.partition(BEGIN)[0]}{BEGIN}\n\n{table}\n\n{END}{page.partition(END)[2]}"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="make map", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout to count")
    parser.add_argument("--draw", type=Path, help="the page to draw the rooms into")
    options = parser.parse_args(arguments)
    house = House(options.root)
    sys.stdout.write("\n".join(figures(house)) + "\n")
    if options.draw:
        options.draw.write_text(drawn_into(options.draw.read_text(), drawing(house)))


if __name__ == "__main__":
    main(sys.argv[1:])
