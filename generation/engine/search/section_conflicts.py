"""Which sections share how many students, counted by compiled code: it is asked anew each time students change seats.

numba's disk cache looks at this file only: the kernels here call none of other files.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from generation.engine.model.problem import Csr, IntArray

ByteArray = NDArray[np.uint8]
ShortArray = NDArray[np.int16]

_compiling = threading.Lock()


class Neighbours(NamedTuple):
    """The sections in conflict with each one; fields as in `searchdata.Fixed`."""

    nb_ptr: IntArray
    nb: IntArray
    nb_hard: IntArray
    nb_shared: IntArray
    pair_shared: ShortArray


def neighbours(attended: Csr, pair_hard: ByteArray, table: ShortArray | None = None) -> Neighbours:
    """Count the students that each two sections share, where no hard clash keeps them apart anyway.

    Parameters
    ----------
    attended
        The sections of each student.
    pair_hard
        [S, S], 1 where two sections must not overlap; its diagonal is 0.
    table
        An array [S, S] to count in, whatever is in it; None: a new one.
    """
    _compile()
    shared = np.zeros(pair_hard.shape, dtype=np.int16) if table is None else table
    if table is not None:
        shared.fill(0)
    pointer = np.zeros(len(pair_hard) + 1, dtype=np.int32)
    _count(_ints(attended.indptr), _ints(attended.indices), pair_hard, shared, pointer)
    nb, nb_hard, nb_shared = np.empty((3, int(pointer[-1])), dtype=np.int32)
    _list(pair_hard, shared, pointer, nb, nb_hard, nb_shared)
    return Neighbours(pointer, nb, nb_hard, nb_shared, shared)


def _ints(values: IntArray) -> IntArray:
    return np.ascontiguousarray(values, dtype=np.int32)


def _jit(function: Any) -> Any:
    return njit(nogil=True, cache=True, _nrt=False)(function)  # type: ignore[call-overload]


@_jit
def _count(indptr: IntArray, indices: IntArray, pair_hard: ByteArray, shared: ShortArray, pointer: IntArray) -> None:
    """Fill `shared` and the rows' bounds in `pointer`; both come as zeros."""
    for student in range(len(indptr) - 1):
        for i in range(indptr[student], indptr[student + 1]):
            a = indices[i]
            for j in range(i + 1, indptr[student + 1]):
                b = indices[j]
                if a != b and pair_hard[a, b] == 0:
                    shared[a, b] += 1
                    shared[b, a] += 1
    for a in range(len(pair_hard)):
        count = 0
        for b in range(len(pair_hard)):
            if pair_hard[a, b] > 0 or shared[a, b] > 0:
                count += 1
        pointer[a + 1] = pointer[a] + count


@_jit
def _list(pair_hard: ByteArray, shared: ShortArray, pointer: IntArray, nb: IntArray, nb_hard: IntArray, nb_shared: IntArray) -> None:
    k = 0
    for a in range(len(pointer) - 1):
        for b in range(len(pointer) - 1):
            if pair_hard[a, b] > 0 or shared[a, b] > 0:
                nb[k] = b
                nb_hard[k] = pair_hard[a, b]
                nb_shared[k] = shared[a, b]
                k += 1


def _compile() -> None:
    """Give each kernel its one signature; arrays that may not be written to fit too."""
    with _compiling:
        if not _list.signatures:
            given = types.Array(types.int32, 1, "C", readonly=True)
            made = types.Array(types.int32, 1, "C")
            hard = types.Array(types.uint8, 2, "C", readonly=True)
            shared = types.Array(types.int16, 2, "C")
            for kernel, arguments in ((_count, (given, given, hard, shared, made)), (_list, (hard, shared, made, made, made, made))):
                kernel.compile(arguments)
                kernel.disable_compile()
