"""A variant's violations in chunks: paged, narrowed and summed without reading the others."""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from erp.archive.reading import archive_read
from generation.editing.copy import variant_copy
from generation.editing.services import EditRequest, variant_edit
from generation.models import ConflictChunk, Variant
from generation.review.gates import breaches_hard
from generation.timetable.conflict_store import ROWS_AT_ONCE, Conflicts, conflicts_write, former_conflicts, hard_amounts
from tests.erp.archive.test_round_trip import archived
from tests.factories import VariantFactory, member
from tests.factories.editing import editable_variant
from tests.factories.generation import conflict

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MOVED = import_module("generation.migrations.0021_conflicts_moved")


def many(number: int = 2 * ROWS_AT_ONCE + 30) -> list[dict[str, Any]]:
    rows = [conflict(("gaps", "lunch", "student_clash")[n % 3], 1 + n % 7, lectures=[n]) for n in range(number)]
    return [*rows, conflict("room_clash", 2, is_hard=True, lectures=[1]), conflict("unplaced", 4, is_hard=True, lectures=[2])]


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (not row["is_hard"], -row["amount"], row["constraint"]))


def test_all_are_read_back_hard_and_large_first() -> None:
    variant = VariantFactory(conflicts=many())

    found = Conflicts(variant.pk)

    assert list(found) == found[:] == ordered(many())
    assert len(found) == len(many())
    assert found[0] == ordered(many())[0]
    assert found[-1] == ordered(many())[-1]
    assert list(Conflicts(VariantFactory(conflicts=[]).pk)) == []


@pytest.mark.parametrize(
    ("constraint", "is_hard"), [("", None), ("lunch", None), ("", True), ("", False), ("unplaced", True), ("lunch", True)]
)
@pytest.mark.parametrize("size", [7, 150, 1000])
def test_pages_together_are_all_that_was_asked_for(constraint: str, is_hard: bool | None, size: int) -> None:
    variant = VariantFactory(conflicts=many())
    wanted = [row for row in ordered(many()) if constraint in ("", row["constraint"]) and is_hard in (None, row["is_hard"])]

    found = Conflicts(variant.pk, constraint=constraint, is_hard=is_hard)

    assert len(found) == len(wanted)
    assert [row for start in range(0, len(wanted), size) for row in found[start : start + size]] == wanted
    assert list(found) == wanted


def test_a_page_reads_its_own_chunks_and_a_sum_reads_none() -> None:
    variant = VariantFactory(conflicts=many(20 * ROWS_AT_ONCE), hard=6)

    with CaptureQueriesContext(connection) as queries:
        page = Conflicts(variant.pk)[1000:1050]
    with CaptureQueriesContext(connection) as summed:
        amounts = hard_amounts(variant.pk)

    assert len(page) == 50
    assert len(queries) == 3  # what the previous release wrote, the counts, two chunks
    assert queries[2]["sql"].count(",") < 10
    assert amounts == {"room_clash": 2, "unplaced": 4}
    assert not any('"rows"' in query["sql"] for query in summed)


def test_a_page_whose_chunks_an_edit_replaced_is_of_the_new_ones() -> None:
    variant = VariantFactory(conflicts=many())
    found = Conflicts(variant.pk)
    conflicts_write(variant_id=variant.pk, rows=many()[:5])

    assert found[:50] == ordered(many()[:5])


def test_an_edit_writes_them_anew_and_a_copy_has_its_own() -> None:
    variant = editable_variant()
    admin = member(variant.job.organization, "admin")
    before = ordered(many())
    conflicts_write(variant_id=variant.pk, rows=before)
    copy = variant_copy(variant=variant, user=admin)

    for period in (1, 2):
        variant_edit(variant=variant, user=admin, request=EditRequest(variant.revision, "move", 0, 0, period))

    after = list(Conflicts(variant.pk))
    assert sum(row["amount"] for row in after) == variant.hard + variant.soft
    assert list(Conflicts(copy.pk)) == before
    assert after != before


def test_what_a_process_of_the_previous_release_wrote_since_counts() -> None:
    """During an upgrade both releases write."""
    variant = VariantFactory(conflicts=many(), hard=9)
    rows = [conflict("lunch", 1), conflict("gaps", 3), conflict("room_clash", 9, is_hard=True)]
    Variant.objects.filter(pk=variant.pk).update(conflicts=rows)

    assert list(Conflicts(variant.pk)) == ordered(rows)
    assert Conflicts(variant.pk, constraint="gaps")[:10] == [rows[1]]
    assert breaches_hard(variant) == {"room_clash": 9}

    conflicts_write(variant_id=variant.pk, rows=rows[:1])
    assert list(Conflicts(variant.pk)) == rows[:1]


def test_a_variant_of_the_previous_release_can_be_written() -> None:
    """Its statements name the old column and know nothing of the chunks; this release's name neither."""
    job = VariantFactory(conflicts=[]).job
    made = Variant.objects.create(job=job, index=50, label="Old", seed=1, hard=0, soft=3, conflicts=[conflict("gaps", 3)])
    assert [row["amount"] for row in Conflicts(made.pk)] == [3]


def test_the_migration_moves_them_and_moves_them_back() -> None:
    """As often as it is begun anew."""
    large, small, empty = (VariantFactory(conflicts=[]) for _ in range(3))
    Variant.objects.filter(pk=large.pk).update(conflicts=many())
    Variant.objects.filter(pk=small.pk).update(conflicts=many()[:1])
    editor = SimpleNamespace(connection=connection)

    for _ in range(2):
        MOVED.conflicts_move(apps, editor)
        assert not Variant.objects.exclude(conflicts=[]).exists()
        assert former_conflicts(large.pk) is None
        assert list(Conflicts(large.pk)) == ordered(many())
        assert list(Conflicts(small.pk)) == many()[:1]
        assert not ConflictChunk.objects.filter(variant=empty).exists()

    written = ConflictChunk.objects.filter(variant=large).order_by("number")
    by_migration = list(written.values_list("number", "is_hard", "counts", "rows"))
    conflicts_write(variant_id=large.pk, rows=many())
    assert list(written.all().values_list("number", "is_hard", "counts", "rows")) == by_migration

    MOVED.conflicts_move_back(apps, editor)
    assert Variant.objects.get(pk=large.pk).conflicts == ordered(many())
    assert Variant.objects.get(pk=empty.pk).conflicts == []


def test_an_archive_of_an_earlier_release_is_read_and_counts_that_lie_are_made_anew() -> None:
    variant = editable_variant()
    conflicts_write(variant_id=variant.pk, rows=many())
    document = json.loads(archived(variant.job.organization))
    expected = list(Conflicts(variant.pk))
    chunks, variants = document["tables"]["generation.conflictchunk"], document["tables"]["generation.variant"]
    assert [row[variants["columns"].index("conflicts")] for row in variants["rows"]] == [[]]
    chunks["rows"][0][chunks["columns"].index("counts")] = {"gaps": [10**6, 0]}

    lying = archive_read(document=document, file="a.json", code="lying", replace=False, make_users=False)
    del document["tables"]["generation.conflictchunk"]
    variants["rows"][0][variants["columns"].index("conflicts")] = expected
    earlier = archive_read(document=document, file="a.json", code="earlier", replace=False, make_users=False)

    for organization in (lying, earlier):
        found = Variant.objects.get(job__organization=organization)
        assert Conflicts(found.pk)[: len(expected) + 9] == expected
        assert found.conflicts == []
