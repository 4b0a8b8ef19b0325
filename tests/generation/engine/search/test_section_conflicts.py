"""Who shares students with whom: the compiled count against counting pairs in plain code."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.model.problem import Csr
from generation.engine.search.section_conflicts import neighbours

SECTIONS = 7
students = st.lists(st.lists(st.integers(0, SECTIONS - 1), max_size=5), max_size=12)
hard_pairs = st.lists(
    st.tuples(st.integers(0, SECTIONS - 1), st.integers(0, SECTIONS - 1)).filter(lambda pair: pair[0] != pair[1]), max_size=6
)


@settings(max_examples=200, deadline=None)
@given(students=students, pairs=hard_pairs)
def test_sections_in_conflict_are_those_that_share_students_or_must_not_overlap(
    students: list[list[int]], pairs: list[tuple[int, int]]
) -> None:
    table = np.zeros((SECTIONS, SECTIONS), dtype=np.uint8)
    for a, b in pairs:
        table[a, b] = table[b, a] = 1
    shared = Counter(pair for row in students for a, b in combinations(row, 2) if a != b for pair in ((a, b), (b, a)))

    found = neighbours(Csr.of(students), table)

    rows = [found.nb[found.nb_ptr[a] : found.nb_ptr[a + 1]].tolist() for a in range(SECTIONS)]
    assert rows == [[b for b in range(SECTIONS) if table[a, b] or shared[a, b]] for a in range(SECTIONS)]
    listed = [(a, b) for a, row in enumerate(rows) for b in row]
    assert found.nb_hard.tolist() == [table[pair] for pair in listed]
    assert found.nb_shared.tolist() == [0 if table[pair] else shared[pair] for pair in listed]
    assert found.pair_shared.tolist() == [[0 if table[a, b] else shared[a, b] for b in range(SECTIONS)] for a in range(SECTIONS)]


def test_an_array_that_is_given_is_counted_in_anew() -> None:
    nobody = np.zeros((3, 3), dtype=np.uint8)
    nobody.setflags(write=False)
    first = neighbours(Csr.of([[0, 1], [0, 1]]), nobody)

    second = neighbours(Csr.of([[1, 2]]), nobody, first.pair_shared)

    assert second.pair_shared is first.pair_shared
    assert second.pair_shared.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert second.nb.tolist() == [2, 1]
