"""Who attends together: students whom sections share, and the sections of each curriculum or instructor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.engine.model.problem import Csr, IntArray


def shared_students(attended: Csr, num_sections: int) -> NDArray[np.int64]:
    """Pairs of sections with students in common, as rows (a, b, students) with a < b."""
    lengths = np.diff(attended.indptr)
    keys: list[NDArray[np.int64]] = []
    for size in np.unique(lengths):
        if size < 2:
            continue
        starts = attended.indptr[:-1][lengths == size]
        rows = np.sort(attended.indices[starts[:, None] + np.arange(size)], axis=1).astype(np.int64)
        first, second = np.triu_indices(int(size), 1)
        keys.append((rows[:, first] * num_sections + rows[:, second]).ravel())
    if not keys:
        return np.empty((0, 3), dtype=np.int64)
    values, counts = np.unique(np.concatenate(keys), return_counts=True)
    pairs = np.stack([values // num_sections, values % num_sections, counts], axis=1)
    different: NDArray[np.int64] = pairs[pairs[:, 0] != pairs[:, 1]]
    return different


def members_of(rows: Csr) -> list[IntArray]:
    """The sections of each curriculum or instructor that `rows` names, by its index."""
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(rows.indptr))
    order = np.argsort(rows.indices, kind="stable")
    values = rows.indices[order]
    bounds = np.searchsorted(values, np.arange(int(values.max(initial=-1)) + 2))
    return [np.unique(owners[order[bounds[i] : bounds[i + 1]]]) for i in range(len(bounds) - 1)]
