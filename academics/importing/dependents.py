"""What goes along when rows are removed: a course's offerings, their enrolments and sections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import models

from academics.importing.entity import CHUNK, chunked
from academics.importing.planning import Plan

Keys = dict[type[models.Model], set[int]]


def dependents_count(plans: Mapping[str, Plan]) -> dict[str, int]:
    """By the name of the table: how many rows nobody listed would go with those that are listed. Reads only."""
    listed: Keys = {plan.entity.model: {primary for primary, _ in plan.removes} for plan in plans.values() if plan.removes}
    gone: Keys = defaultdict(set)
    for model, keys in listed.items():
        _collect(model, keys, listed, gone)
    return {str(model._meta.verbose_name_plural): len(keys) for model, keys in gone.items() if keys}


def _collect(model: type[models.Model], keys: Iterable[int], listed: Keys, gone: Keys) -> None:
    for relation in model._meta.related_objects:
        table = relation.related_model
        if relation.on_delete is not models.CASCADE or table._meta.auto_created:
            continue
        found: set[int] = set()
        for some in chunked(keys, CHUNK):
            found |= set(table._default_manager.filter(**{f"{relation.field.name}__in": some}).values_list("pk", flat=True))
        found -= listed.get(table, set()) | gone[table]
        gone[table] |= found
        if found:
            _collect(table, found, listed, gone)
