"""Which parallel section each student sits in, once the times are known: compiled descent by exchange of seats.

A *seat* is one student in one section; seats are numbered as ``student_sections.indices`` of the problem.
`Problem.seat_bundle` says what may move: a seat by itself, a student's seats of one curriculum only together, or
nothing. A *unit* is what one student can exchange at once: one such seat, or one such bundle. Two units of one
*class* (the same offerings, in the same curriculum) exchange all their sections, so sizes stay, and after an
exchange of bundles each student sits in a combination of core sections that another one had before: whatever
kept core courses apart still does. A lecture with its tutorial and lab is one bundle too, so who changes the lecture
changes all of it, to a combination whose sections belong together. Linked seats that are not in one bundle stay.

``Seating`` is one chain's working memory. Letters as in `problem`; ``E`` seats, ``N`` units, ``C`` classes,
``W`` words of 64 timeslots.

==============  =============  ==================================================================
field           dtype, shape   meaning
==============  =============  ==================================================================
row_ptr         i32 [U + 1]    a student's seats
seat            i32 [E]        the section attended
seat_unit       i32 [E]        the unit that the seat moves with, -1 where none
unit_student    i32 [N]
unit_ptr/seats  i32 CSR [N]    its seats, in the order of their offerings; those of one section only are left out
unit_class      i32 [N]
class_ptr/units i32 CSR [C]    the units that may exchange
busy            u64 [S, W]     the section's busy timeslots as bits
pair_hard       u8 [S, S]      sections that a hard constraint keeps apart: their clashes count nothing
hot             i32 [N]        scratch: units with a clash
rng             u64 [1]        the search's own random numbers (Knuth's MMIX congruential generator)
==============  =============  ==================================================================

numba's disk cache looks at this file only: the kernels here call none of other files.
"""

from __future__ import annotations

import threading
import time
from typing import Any, NamedTuple

import numpy as np
from numba import njit, typeof, types
from numpy.typing import NDArray

from generation.engine.model.problem import IntArray, Problem
from generation.engine.search.exchange_units import Units

HOT_PERCENT = 75  # of the tries start from a student with a clash; the others open ways for them
TRIES_A_UNIT = 2  # often and few: with ten, and the same 35 s, the large demo ends 8 % dearer
CHUNK = 50_000  # tries between two looks at the clock
WORD = 64
MANY = 1 << 30

_compiling = threading.Lock()


class Seating(NamedTuple):
    row_ptr: IntArray
    seat: IntArray
    seat_unit: IntArray
    unit_student: IntArray
    unit_ptr: IntArray
    unit_seats: IntArray
    unit_class: IntArray
    class_ptr: IntArray
    class_units: IntArray
    busy: NDArray[np.uint64]
    pair_hard: NDArray[np.uint8]
    hot: IntArray
    rng: NDArray[np.uint64]


def _ints(values: Any) -> IntArray:
    return np.array(values, dtype=np.int32)


def new_seating(
    problem: Problem, units: Units, seats: IntArray, is_busy: NDArray[np.bool_], pair_hard: NDArray[np.uint8], seed: int
) -> Seating:
    """A descent that starts at `seats`, with `is_busy` [S, T] as the timetable has it."""
    words = -(-is_busy.shape[1] // WORD)
    padded = np.zeros((len(is_busy), words * WORD), dtype=np.uint64)
    padded[:, : is_busy.shape[1]] = is_busy
    bits = np.uint64(1) << np.arange(WORD, dtype=np.uint64)
    made = Seating(
        row_ptr=_ints(problem.student_sections.indptr),
        seat=_ints(seats),
        **units._asdict(),
        busy=(padded.reshape(len(is_busy), words, WORD) * bits).sum(axis=2, dtype=np.uint64),
        pair_hard=pair_hard,
        hot=np.zeros(len(units.unit_student), dtype=np.int32),
        rng=np.random.default_rng(seed).integers(0, 1 << 63, 1, dtype=np.uint64),
    )
    compile_seating(made)
    return made


def search(table: Seating, *, tries: int | None, seconds: float | None, temperature: float = 0.0) -> int:
    """Exchange seats for so many tries, or so long; by how much the clashes change."""
    if seconds is None:
        return int(exchange_all(table, TRIES_A_UNIT * len(table.unit_student) if tries is None else tries, temperature))
    began, change = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        change += int(exchange_all(table, CHUNK, temperature))
    return change


def compile_seating(example: Seating) -> None:
    """Give each kernel its one signature, callees first."""
    with _compiling:
        if not exchange_all.signatures:
            memory = typeof(example)  # type: ignore[no-untyped-call]
            for kernel, numbers in _KERNELS:
                kernel.compile((memory, *numbers))
                kernel.disable_compile()


def _jit(function: Any) -> Any:
    return njit(nogil=True, cache=True, _nrt=False, forceinline=True)(function)  # type: ignore[call-overload]


@_jit
def _below(Z: Seating, n: int) -> int:
    Z.rng[0] = Z.rng[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return int(np.int64(Z.rng[0] >> np.uint64(33)) * n) >> 31


@_jit
def _overlap(Z: Seating, a: int, b: int) -> int:
    """Timeslots in which both sections are busy, if no hard constraint keeps them apart."""
    count = 0
    for word in range(Z.busy.shape[1]):
        common = Z.busy[a, word] & Z.busy[b, word]
        while common != np.uint64(0):
            common &= common - np.uint64(1)
            count += 1
    if count == 0 or Z.pair_hard[a, b] or a == b:
        return 0
    return count


@_jit
def unit_cost(Z: Seating, unit: int, seated_as: int, most: int) -> int:
    """Clashes of the unit's student, between the unit's seats and the student's others, in the sections of unit `seated_as`.

    Counting ends above `most`.
    """
    student = Z.unit_student[unit]
    length = Z.unit_ptr[unit + 1] - Z.unit_ptr[unit]
    clashes = 0
    for i in range(length):
        section = Z.seat[Z.unit_seats[Z.unit_ptr[seated_as] + i]]
        for other in range(Z.row_ptr[student], Z.row_ptr[student + 1]):
            if Z.seat_unit[other] != unit:
                clashes += _overlap(Z, section, Z.seat[other])
        if clashes > most:
            break
    return clashes


@_jit
def exchange_delta(Z: Seating, unit: int, other: int, limit: int) -> int:
    """What it adds to the clashes if two units of one class exchange their sections (those inside a unit are the same in sum).

    Above `limit` the answer may be too small, and is above `limit`.
    """
    before: int = unit_cost(Z, unit, unit, MANY) + unit_cost(Z, other, other, MANY)
    after: int = unit_cost(Z, unit, other, before + limit)
    if after <= before + limit:
        after += unit_cost(Z, other, unit, before + limit - after)
    return after - before


@_jit
def exchange(Z: Seating, unit: int, other: int) -> None:
    for i in range(Z.unit_ptr[unit + 1] - Z.unit_ptr[unit]):
        first = Z.unit_seats[Z.unit_ptr[unit] + i]
        second = Z.unit_seats[Z.unit_ptr[other] + i]
        section = Z.seat[first]
        Z.seat[first] = Z.seat[second]
        Z.seat[second] = section


@_jit
def _sit_apart(Z: Seating, unit: int, other: int) -> bool:
    for i in range(Z.unit_ptr[unit + 1] - Z.unit_ptr[unit]):
        if Z.seat[Z.unit_seats[Z.unit_ptr[unit] + i]] != Z.seat[Z.unit_seats[Z.unit_ptr[other] + i]]:
            return True
    return False


@_jit
def exchange_all(Z: Seating, tries: int, temperature: float) -> int:
    """Try so many exchanges and accept by Metropolis' rule (0: what adds no clash); by how much the clashes change."""
    num_units = len(Z.unit_student)
    if num_units == 0:
        return 0
    num_hot = 0
    for unit in range(num_units):
        if unit_cost(Z, unit, unit, 0) > 0:
            Z.hot[num_hot] = unit
            num_hot += 1
    change = 0
    for _ in range(tries):
        is_hot = num_hot > 0 and _below(Z, 100) < HOT_PERCENT
        unit = Z.hot[_below(Z, num_hot)] if is_hot else _below(Z, num_units)
        first = Z.class_ptr[Z.unit_class[unit]]
        other = Z.class_units[first + _below(Z, Z.class_ptr[Z.unit_class[unit] + 1] - first)]
        if _sit_apart(Z, unit, other):
            limit = int(-temperature * np.log((1 + _below(Z, 1 << 30)) / (1 << 30))) if temperature > 0 else 0
            delta = exchange_delta(Z, unit, other, limit)
            if delta <= limit:
                exchange(Z, unit, other)
                change += delta
    return change


_WHOLE = types.int64
_KERNELS = (
    (_below, (_WHOLE,)),
    (_overlap, (_WHOLE, _WHOLE)),
    (unit_cost, (_WHOLE, _WHOLE, _WHOLE)),
    (exchange_delta, (_WHOLE, _WHOLE, _WHOLE)),
    (exchange, (_WHOLE, _WHOLE)),
    (_sit_apart, (_WHOLE, _WHOLE)),
    (exchange_all, (_WHOLE, types.float64)),
)
