"""Who may import whom: the order of the rooms, and what it leaves free."""

from __future__ import annotations

from tests.house.imports import Arrow, House

# Loose files beside the rooms: what is below all of them or above, and nothing that belongs into one.
MOST_LOOSE = {"generation": 12, "generation/engine": 10}
FEATURES = (
    "generation.comparison",
    "generation.dates",
    "generation.demand",
    "generation.editing",
    "generation.existing",
    "generation.home",
    "generation.publication",
    "generation.readiness",
    "generation.retention",
    "generation.review",
    "generation.rulebook",
    "generation.runs",
    "generation.today",
    "generation.variants",
    "generation.wishes",
)
# From the lowest. A room imports those below it; and those beside it, as long as that makes no circle.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("academics", "progress"),
    ("academics.weekly_times",),
    ("academics.restructuring",),
    ("academics.admin", "academics.importing"),
    ("academics.management.commands", "academics.roll_forward", "progress.management.commands"),
    ("generation.engine.model", "generation.engine.stop"),
    ("generation.engine.constraints", "generation.engine.params"),
    ("generation.engine.evaluation",),
    ("generation.engine.search",),
    ("generation.engine.bounds", "generation.engine.change", "generation.engine.infeasibility", "generation.engine.search_state"),
    ("generation.engine.observer",),
    ("generation.engine.context",),
    ("generation.engine.stages",),
    ("generation.engine.solve", "generation.engine.term_model"),
    ("generation.formats",),
    ("generation.models", "generation.queue"),
    ("generation.text", "generation.text.infeasibility"),
    ("generation.errors",),
    ("generation.problem",),
    ("generation.worker",),
    ("generation.timetable",),
    ("generation.exports", "generation.web"),
    FEATURES,
    ("generation.api_urls", "generation.apps", "generation.management.commands", "generation.page_urls", "generation.tasks"),
    ("erp.archive", "erp.help"),
    ("erp",),
    ("erp.backups",),
    ("erp.management.commands",),
)
# Arrows that run up, or make a circle of rooms, each with its reason.
UP: dict[Arrow, str] = {
    ("generation.engine.evaluation", "generation.engine.search"): "The tally and the effects of a move read the arrays of the search.",
}


def arrows_up(house: House) -> list[Arrow]:
    """Arrows to a room that lies higher. Of a checkout with other rooms, those between the rooms that the plan knows."""
    height = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    return [(one, other) for one, other in house.arrows if height.get(one, len(FLOORS)) < height.get(other, 0)]


def is_entry(module: str) -> bool:
    """A module of pages or REST views, which is what addresses lead to: no other feature imports it."""
    name = module.rpartition(".")[2]
    return name in ("api", "pages", "views") or name.endswith(("_api", "_pages"))
