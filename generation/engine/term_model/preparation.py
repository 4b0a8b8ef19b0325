"""From a `TermProblem` to the arrays of its search: domains reduced until nothing more goes."""

from __future__ import annotations

import numpy as np

from generation.engine.model.problem import Csr, IntArray
from generation.engine.term_model import kernels
from generation.engine.term_model.problem import TermNames, TermProblem, TermWeights
from generation.engine.term_model.reduction import Domains, NoValueLeftError, all_values
from generation.engine.term_model.search_data import N_ROOMS, N_TIMES, TermData, rule_pairs, term_data

PASSES = 50


def prepared(problem: TermProblem) -> tuple[TermData, NoValueLeftError | None]:
    """The arrays that the kernels read, over reduced domains; over all values, with the reason, where a class would have none left."""
    domains = all_values(problem)
    data = term_data(problem, domains, rule_pairs(problem))
    warm()
    whole = data
    for _ in range(PASSES):
        try:
            reduced = _reduced_once(data, domains)
        except NoValueLeftError as impossible:
            # Nor need classes that must share a room have one in common.
            return whole._replace(one_room=np.full(len(data.one_room), -1, np.int32)), impossible
        if reduced.num_values == domains.num_values:
            break
        domains = reduced
        data = data._replace(
            dt_ptr=domains.time_ptr,
            dt=domains.times,
            dt_cost=domains.time_cost * float(problem.weights.time),
            dr_ptr=domains.room_ptr,
            dr=domains.rooms,
            dr_cost=domains.room_cost * float(problem.weights.room),
        )
    return data, None


def _reduced_once(data: TermData, domains: Domains) -> Domains:
    """One pass over all classes and rules."""
    alive_time = np.ones(len(data.dt), np.uint8)
    alive_room = np.ones(len(data.dr), np.uint8)
    dead = np.full(4, -1, np.int32)
    is_single_time, is_single_room = np.diff(data.dt_ptr) == 1, np.diff(data.dr_ptr) == 1
    single_time = np.where(is_single_time, data.dt[data.dt_ptr[:-1]], -1).astype(np.int32)
    single_room = np.where(is_single_room, data.dr[data.dr_ptr[:-1]], -1).astype(np.int32)
    sure = np.zeros((int(data.num[N_ROOMS]) + 1, int(data.num[N_TIMES])), np.int32)
    for k in np.flatnonzero(is_single_time & is_single_room & (single_room < data.num[N_ROOMS])).tolist():
        sure[single_room[k]] += data.gap[single_time[k]] < 0
    kernels.reduce_pass(data, alive_time, alive_room, single_time, single_room, sure.ravel(), dead)
    if dead[0] >= 0:
        raise NoValueLeftError(int(dead[0]), int(dead[1]), int(dead[2]), int(dead[3]))
    return domains.kept(alive_time, alive_room)


def warm() -> None:
    """Compile the kernels, or fetch them from numba's disk cache, before a clock starts."""
    problem = _tiny()
    kernels.new_state(term_data(problem, all_values(problem), rule_pairs(problem)), seed=0)


def _tiny() -> TermProblem:
    """One class at one time without a room: the kernels' types are the same for every term."""
    zero, one = np.zeros(1, np.int32), np.ones(1, np.int32)

    def none(*shape: int) -> IntArray:
        return np.zeros(shape, np.int32)

    return TermProblem(
        name="warm-up",
        num_days=1,
        num_weeks=1,
        slots_per_day=1,
        names=TermNames(("a",), (), ("a",), ("a",), ("a",), ()),
        weights=TermWeights(),
        time_days=one,
        time_weeks=np.ones(1, np.uint64),
        time_start=zero,
        time_length=one,
        class_times=Csr.of([[0]]),
        class_time_cost=zero,
        class_rooms=Csr.of([[]]),
        class_room_cost=none(0),
        class_needs_room=np.zeros(1, bool),
        class_limit=one,
        class_parent=-one,
        class_subpart=zero,
        subpart_config=zero,
        config_course=zero,
        room_capacity=none(0),
        room_travel=none(0, 0),
        room_closed=none(0, 4),
        room_closed_weeks=np.zeros(0, np.uint64),
        rules=none(0, 5),
        rule_classes=Csr.of([]),
        student_courses=Csr.of([]),
    )
