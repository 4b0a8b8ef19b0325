"""A plan into the database: removals first, from what nothing refers to, then what is new or different."""

from __future__ import annotations

from collections.abc import Mapping

from academics.importing.entities import ENTITIES
from academics.importing.entity import Keys
from academics.importing.planning import OnProgress, Plan, no_progress


def plans_write(*, plans: Mapping[str, Plan], keys: Keys, on_progress: OnProgress = no_progress) -> None:
    """Write all plans. Inside a transaction of the caller's."""
    total = sum(len(plan.adds) + len(plan.changes) + len(plan.removes) for plan in plans.values())
    done = 0

    def tell(words: str, number: int) -> None:
        nonlocal done
        done += number
        on_progress(words, done, total)

    planned = [plans[name] for name in ENTITIES if name in plans]
    for plan in reversed(planned):
        title = plan.entity.title.lower()
        plan.entity.remove((primary for primary, _ in plan.removes), lambda number, title=title: tell(f"Removing {title}", number))  # type: ignore[misc]
    for plan in planned:
        title = plan.entity.title.lower()
        plan.entity.add(keys, plan.adds, lambda number, title=title: tell(f"Adding {title}", number))  # type: ignore[misc]
        plan.entity.change(keys, plan.changes, lambda number, title=title: tell(f"Changing {title}", number))  # type: ignore[misc]
