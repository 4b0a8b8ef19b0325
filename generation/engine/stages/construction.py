"""Construction, cluster by cluster, with everything already placed held fixed.

CP-SAT places a cluster's lectures in *time*, with room supply as counts: for each set of rooms that
some lecture is limited to, no more lectures at once than free rooms in it (Hall's condition). Rooms
follow by matching. What finds no place goes to the repair queue: once more with the neighbouring
sections freed, then wherever it breaks the fewest rules. Nothing is dropped.
"""

from __future__ import annotations

import time
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from generation.engine.bounds.memory import collect_models
from generation.engine.context import Context, evaluation_checked
from generation.engine.model.attendance import members_of
from generation.engine.model.problem import IntArray, Problem
from generation.engine.model.solution import Solution
from generation.engine.search import kernels
from generation.engine.search.annealing import Chain
from generation.engine.search.search_data import N_KINDS, N_TIES
from generation.engine.search_state import SearchState, VariantState
from generation.engine.stop import stopped_when

STAGE = "cpsat_solving"
CLUSTER_LIMIT_S = 2.0  # a cluster of 12 sections takes 0.1 s; one that takes longer is better left to the compiled search
LEAST_LIMIT_S = 0.3  # with less CP-SAT often ends with nothing at all
CLUSTER_DETERMINISTIC = 0.5  # the same where steps are counted, in CP-SAT's own unit
REPAIR_SHARE = 0.3  # of the stage's time, kept for the repair queue
EJECTION_SHARE = 0.15  # of the time limit, at most
CLASHES_SHARE = 0.05  # the same where there are clashes alone: curricula of Erlangen and UUM take a tenth of a second
EJECTIONS_A_LECTURE = 50  # where steps are counted
CLUSTERS_PER_SWEEP = 16  # models are collected this often: uncollected ones cost 7 MB each


def run(context: Context, state: SearchState) -> None:
    """Fill ``state.base`` and start each variant from it; clusters that a checkpoint has are not solved again."""
    if state.variants:
        return
    problem = context.problem
    chain = Chain(problem, problem.weights, state.base or Solution.empty(problem), context.params.seed)
    context.is_settled = not chain.has_choice
    builder = Builder(context, chain)
    clusters = (state.clusters or [list(range(problem.num_sections))]) if context.uses(STAGE) else []
    for index in range(state.num_clusters_placed, len(clusters)):
        builder.place_cluster(clusters[index], len(clusters) - index)
        state.num_clusters_placed = index + 1
        state.base = chain.current
        facts = context.facts((index + 1, len(clusters)), chain.score, state.base)
        context.report(STAGE, 0.95 * (index + 1) / len(clusters), facts)
        context.observer.checkpoint(state)
    builder.repair()
    collect_models()
    state.base = chain.current
    began = time.monotonic()
    score = evaluation_checked(problem, state.base, chain.score, problem.weights).score
    context.note_evaluation_time(time.monotonic() - began)
    context.note_feasible(state, score)
    state.variants = [
        VariantState(profile, context.params.seed + 7919 * index, state.base.copy(), score)
        for index, profile in enumerate(context.profiles[:1] if context.is_settled else context.profiles)
    ]


class Builder:
    """Places sets of sections in the chain's timetable."""

    def __init__(self, context: Context, chain: Chain) -> None:
        self._context = context
        self._chain = chain
        self._lectures = _lectures_of(context.problem)
        self._groups = members_of(context.problem.section_curricula) + members_of(context.problem.section_instructors)
        self._num_solved = 0

    def place_cluster(self, sections: list[int], num_left: int) -> None:
        """Greedily, where that leaves nobody without a clean place; else by CP-SAT, all of them anew."""
        if self._chain.insert(self._waiting(sections), only_clean=True):
            self._resolve(sections, self._fair_limit_s(num_left))

    def _left_s(self) -> float:
        return self._context.remaining_s(STAGE) * (1 - REPAIR_SHARE)

    def _fair_limit_s(self, num_left: int) -> float:
        """Time for the next cluster: three fair shares at most, so that one hard cluster does not eat the others' time."""
        if self._context.is_counted:
            return CLUSTER_LIMIT_S
        return min(CLUSTER_LIMIT_S, max(LEAST_LIMIT_S, 3 * self._left_s() / num_left))

    def _waiting(self, sections: list[int]) -> IntArray:
        slot = self._chain.state.slot
        return np.array([x for section in sections for x in self._lectures[section] if slot[x] < 0], dtype=np.int32)

    def place(self, sections: list[int], limit_s: float) -> int:
        """Place what CP-SAT can of the sections' lectures without any clash; the number that stay without a place."""
        F, S = self._chain.fixed, self._chain.state  # noqa: N806
        waiting = self._waiting(sections).tolist()
        if self._context.is_over(STAGE):
            return len(waiting)
        model = TimeModel(self._context.problem, self._chain, waiting, self._groups)
        times = model.solve(self._context, limit_s)
        self._num_solved += 1
        if self._num_solved % CLUSTERS_PER_SWEEP == 0:
            collect_models()
        for lecture in sorted(times, key=lambda x: (-F.l_len[x], F.class_ptr[F.l_class[x] + 1] - F.class_ptr[F.l_class[x]], x)):
            self._give_room(lecture, times[lecture])
        return sum(1 for lecture in waiting if S.slot[lecture] < 0)

    def _give_room(self, lecture: int, slot: int) -> bool:
        """The best free room; where none is left, one whose lecture can go to another room at the same time."""
        F, S = self._chain.fixed, self._chain.state  # noqa: N806
        room = kernels.best_room(F, S, lecture, slot, True)
        if room < 0:
            room = self._freed_room(lecture, slot)
        if room < 0:
            return False
        self._chain.put(lecture, slot, room)
        return True

    def _freed_room(self, lecture: int, slot: int) -> int:
        F, S = self._chain.fixed, self._chain.state  # noqa: N806
        if F.num[N_KINDS] > 1:  # several may sit there, in other weeks
            return -1
        index = F.l_class[lecture]
        for room in F.rooms[F.class_ptr[index] : F.class_ptr[index + 1]].tolist():
            sitting = {int(S.room_lecture[room, t]) for t in range(slot, slot + F.l_len[lecture]) if S.room_count[room, t] > 0}
            if len(sitting) != 1 or not kernels.room_is_open(F, lecture, slot, room):
                continue
            (other,) = sitting
            if other < 0 or S.slot[other] != slot or F.l_len[other] < F.l_len[lecture]:
                continue
            elsewhere = kernels.best_room(F, S, other, slot, True)
            if elsewhere >= 0:
                self._chain.take_away(other)
                self._chain.put(other, slot, elsewhere)
                return int(room)
        return -1

    def repair(self) -> None:
        """Empty the queue: greedily where clean, then with neighbours freed, at last with the fewest violations."""
        problem, chain = self._context.problem, self._chain
        everything = np.arange(problem.num_lectures, dtype=np.int32)
        if chain.insert(everything, only_clean=True, is_over=self._has_to_end) and self._context.uses(STAGE):
            self._repair_neighbourhoods()
        chain.insert(everything, only_clean=False, is_over=self._has_to_end)
        self._eject()

    def _eject(self) -> None:
        """What is still broken is mended by lectures that make way for one another: greed and annealing rarely end the last of it.

        Counted runs without rules on sets stay as they always were.
        """
        chain, context = self._chain, self._context
        if chain.score.hard == 0 or (context.is_counted and not len(chain.problem.set_rules)):
            return
        chain.load(chain.current)  # the best so far, whatever was tried before
        most = EJECTIONS_A_LECTURE * chain.problem.num_lectures if context.is_counted else None
        share = EJECTION_SHARE if chain.problem.is_bound else CLASHES_SHARE
        until_s = context.elapsed_s + share * context.params.time_limit_s

        def is_over() -> bool:
            """It has a share of its own, for on a busy machine the clusters take all of the stage's."""
            return context.end_reason() is not None or (not context.is_counted and context.elapsed_s > until_s)

        chain.eject(is_over=is_over, most_steps=most)
        context.is_tight = chain.problem.is_bound and chain.score.hard == 0

    def _has_to_end(self) -> bool:
        """Not the stage's end: greedy insertion may go over it a little, as a later stage could only do the same."""
        return self._context.end_reason() is not None

    def _repair_neighbourhoods(self) -> None:
        chain, most = self._chain, 3 * self._context.params.cluster_size
        fixed = chain.fixed
        has_place = (np.diff(fixed.starts_ptr) > 0) & (np.diff(fixed.class_ptr)[fixed.l_class] > 0)
        for section in np.unique(fixed.l_sec[(chain.state.slot < 0) & has_place]).tolist():
            if self._context.is_over(STAGE):
                return
            neighbours = fixed.nb[fixed.nb_ptr[section] : fixed.nb_ptr[section + 1]]
            hard = fixed.nb_hard[fixed.nb_ptr[section] : fixed.nb_ptr[section + 1]] > 0
            limit_s = min(CLUSTER_LIMIT_S, max(0.05, self._context.remaining_s(STAGE) / 3))
            together = fixed.whole[[section, *neighbours[hard][: most - 1].tolist()]]
            self._resolve(list(dict.fromkeys(together.tolist())), limit_s)

    def _resolve(self, sections: list[int], limit_s: float) -> None:
        """Place these sections anew; the earlier timetable comes back unless more is placed."""
        before, unplaced = self._chain.current, self._chain.current.num_unplaced
        pinned = self._context.problem.lecture_pin_slot
        for section in sections:
            for lecture in self._lectures[section]:
                if self._chain.state.slot[lecture] >= 0 and pinned[lecture] < 0:
                    self._chain.take_away(lecture)
        self.place(sections, limit_s)
        if self._chain.current.num_unplaced >= unplaced:
            self._chain.load(before)


class TimeModel:
    """CP-SAT's view of some lectures: one boolean for each start that is free of clashes with what is placed."""

    def __init__(self, problem: Problem, chain: Chain, lectures: list[int], groups: list[IntArray]) -> None:
        self._problem = problem
        self._fixed = chain.fixed
        self._state = chain.state
        self._model = cp_model.CpModel()
        self._starts: dict[int, dict[int, cp_model.IntVar]] = {}
        covering: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)  # (section, slot) -> (lecture, variable)
        for lecture in lectures:
            self._starts[lecture] = {slot: self._model.new_bool_var("") for slot in self._clean_starts(lecture)}
            self._model.add_at_most_one(self._starts[lecture].values())
            for slot, variable in self._starts[lecture].items():
                for t in range(slot, slot + int(self._fixed.l_len[lecture])):
                    covering[int(self._fixed.l_sec[lecture]), t].append((lecture, variable))
        self._forbid_clashes(covering, groups)
        self._limit_rooms(covering)
        self._tie_mates()
        length = self._fixed.l_len
        self._model.maximize(sum(int(length[lecture]) * variable for lecture, row in self._starts.items() for variable in row.values()))

    def _clean_starts(self, lecture: int) -> list[int]:
        F, S = self._fixed, self._state  # noqa: N806
        section, length = F.l_sec[lecture], int(F.l_len[lecture])
        starts = F.starts[F.starts_ptr[lecture] : F.starts_ptr[lecture + 1]]
        free = (S.sec_count[section] == 0) & (S.conf[section, :, 0] == 0)
        rooms = F.rooms[F.class_ptr[F.l_class[lecture]] : F.class_ptr[F.l_class[lecture] + 1]]
        supply = ((self._taken(lecture)[rooms] <= 0) & (F.room_ok[rooms] > 0)).any(axis=0)
        clean = [int(slot) for slot in starts if (free & supply)[slot : slot + length].all()]
        return [slot for slot in clean if kernels.mates_delta(F, S, lecture, -1, slot, -1, -1)[0] == 0] if F.num[N_TIES] else clean

    def _taken(self, lecture: int) -> NDArray[np.int16]:
        """``[R, T]`` how full each room is in the fullest week of the lecture, above 0: too full for another one."""
        F, S = self._fixed, self._state  # noqa: N806
        if F.num[N_KINDS] == 1:
            return S.room_count
        held = int(F.weeks[F.l_sec[lecture]]) >> np.arange(int(F.num[N_KINDS])) & 1 == 1
        fullest: NDArray[np.int16] = S.week_rooms[held].max(axis=0)
        return fullest

    def _forbid_clashes(self, covering: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]], groups: list[IntArray]) -> None:
        """In a week at most one lecture at a time of a section, of a curriculum's or an instructor's, and of a pair kept apart."""
        parts: dict[int, list[int]] = defaultdict(list)
        for part in sorted({section for section, _ in covering}):
            parts[int(self._fixed.whole[part])].append(part)
        cliques = [[section] for section in parts]
        cliques += [clique for members in groups if len(clique := [s for s in members.tolist() if s in parts]) > 1]
        cliques += [pair for pair in self._problem.no_overlap.tolist() if pair[0] != pair[1] and parts.keys() >= set(pair)]
        for clique in self._in_each_week([[part for section in clique for part in parts[section]] for clique in cliques]):
            for slot in range(self._problem.num_timeslots):
                variables = [variable for section in clique for _, variable in covering.get((section, slot), ())]
                if len(variables) > 1:
                    self._model.add_at_most_one(variables)

    def _in_each_week(self, cliques: list[list[int]]) -> list[list[int]]:
        """What of each clique of parts is held in one kind of week."""
        weeks, kinds = self._fixed.weeks, int(self._fixed.num[N_KINDS])
        if kinds == 1:
            return cliques
        held = (tuple(part for part in clique if weeks[part] >> kind & 1) for clique in cliques for kind in range(kinds))
        return [list(clique) for clique in dict.fromkeys(held) if clique]

    def _limit_rooms(self, covering: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]]) -> None:
        F, S = self._fixed, self._state  # noqa: N806
        classes = sorted({int(F.l_class[lecture]) for lecture in self._starts})
        # In each kind of week; where weeks are not told apart, that is one.
        for kind, taken in enumerate(S.week_rooms if F.num[N_KINDS] > 1 else [S.room_count]):
            by_slot: dict[int, list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
            for (section, slot), entries in covering.items():
                if F.weeks[section] >> kind & 1:
                    by_slot[slot] += [(int(F.l_class[lecture]), variable) for lecture, variable in entries]
            for index in classes:
                outside = F.class_ok[index] == 0
                within = {other for other in classes if not (F.class_ok[other] > 0)[outside].any()}
                free = (np.maximum(0, 1 - taken) * ((F.room_ok > 0) & (F.class_ok[index] > 0)[:, None])).sum(axis=0)
                for slot, entries in by_slot.items():
                    variables = [variable for other, variable in entries if other in within]
                    if len(variables) > free[slot]:
                        self._model.add(sum(variables) <= int(free[slot]))

    def _tie_mates(self) -> None:
        """Lectures that must stand to one another in some way, as far as both are here: no two starts that do not."""
        F, place = self._fixed, self._problem.week_slot.tolist()  # noqa: N806
        for lecture, starts in self._starts.items():
            for i in range(F.mate_ptr[lecture], F.mate_ptr[lecture + 1]):
                kind, days, is_first, hard, _ = F.mate_rule[i].tolist()
                mate = int(F.mates[i])
                if not (hard and is_first and mate in self._starts):
                    continue
                lengths = int(F.l_len[lecture]), int(F.l_len[mate])
                for slot, variable in starts.items():
                    wrong = [
                        other
                        for there, other in self._starts[mate].items()
                        if kernels.pair_units(kind, days, place[slot], lengths[0], place[there], lengths[1], self._problem.periods_per_day)
                    ]
                    self._model.add_at_most_one([variable, *wrong])

    def solve(self, context: Context, limit_s: float) -> dict[int, int]:
        """Start of each lecture that found one."""
        if not any(self._starts.values()):
            return {}
        solver = cp_model.CpSolver()
        solver.parameters.random_seed = context.params.seed
        solver.parameters.num_workers = 1
        if context.is_counted:
            solver.parameters.max_deterministic_time = CLUSTER_DETERMINISTIC
        else:
            solver.parameters.max_time_in_seconds = limit_s
        with stopped_when(lambda: context.stop.reason() is not None, solver):
            status = solver.solve(self._model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return {}
        return {lecture: slot for lecture, row in self._starts.items() for slot, variable in row.items() if solver.boolean_value(variable)}


def _lectures_of(problem: Problem) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(problem.num_sections)]
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        rows[section].append(lecture)
    return rows
