"""What a variant's search says while it runs: facts for people, and its best timetable for a checkpoint now and then."""

from __future__ import annotations

import threading
import time

from generation.engine.context import Context, KernelDisagreementError
from generation.engine.model.solution import Score, Solution
from generation.engine.search_state import SearchState, VariantState

KEEP_S = 5.0  # between two timetables handed on for a checkpoint
KEEP_SHARE = 0.005  # of the time at most for counting them


class Reporter:
    """One variant's news in one stage. ``done`` is shared by the stage's variants: how far each of them is.

    Several threads may report one variant.
    """

    def __init__(self, stage: str, context: Context, state: SearchState, variant: VariantState, done: list[float], index: int) -> None:
        self._stage = stage
        self._context = context
        self._state = state
        self._variant = variant
        self._done = done
        self._index = index
        self._keeping = threading.Lock()
        self._kept: Score | None = None
        self._keep_at = time.monotonic() + KEEP_S

    def tell(self, fraction: float, score: Score, solution: Solution, *, generation: int | None = None) -> None:
        """The variant's best timetable up to now, scored under its own weights, at this fraction of its work."""
        context, done = self._context, self._done
        context.note_feasible(self._state, score)
        done[self._index] = max(done[self._index], min(1.0, fraction))
        finished = sum(1 for share in done if share >= 1.0)
        facts = context.facts((finished, len(done)), score, solution, profile=self._variant.profile, generation=generation)
        context.report(self._stage, sum(done) / len(done), facts)
        if self._keeping.acquire(blocking=False):  # another thread that keeps one just now is enough
            try:
                self._keep(score, solution)
            finally:
                self._keeping.release()

    def _keep(self, score: Score, solution: Solution) -> None:
        """Hand an improvement on for the checkpoint, counted twice but not evaluated independently yet.

        The evaluator sees what a stage ends with, and what a later attempt finds in a checkpoint.
        """
        began = time.monotonic()
        if self._kept is None:
            self._kept = score  # where the stage began
        if score >= self._kept or began < self._keep_at:
            return
        tally, weights = self._context.tally, self._variant.profile.weights
        counted = tally.score(tally.breakdown(solution, weights), weights)
        if counted != score:
            raise KernelDisagreementError(f"the search counted {score}, the tally {counted}")
        self._kept = score
        self._context.adopt(self._variant, solution, tally.score(tally.breakdown(solution)))
        with self._context.adopting:
            self._context.observer.checkpoint(self._state)
        self._keep_at = time.monotonic() + max(KEEP_S, (time.monotonic() - began) / KEEP_SHARE)
