"""`manage.py solve FILE`: the engine alone, from an instance file to a solution file and a report."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.engine.infeasibility.explain import explain
from generation.engine.infeasibility.preflight import NOTHING_TO_DO, preflight
from generation.engine.infeasibility.unplaced_reasons import unplaced_reasons
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.observer import Facts
from generation.engine.params import OPTIONAL_STAGES, SolveParams
from generation.engine.solve import Result, SearchState, search, warm
from generation.engine.stop import Flag
from generation.engine.term_model.problem import TermProblem
from generation.formats import FormatError, itc2019
from generation.formats.ectt import FORMULATIONS
from generation.formats.instances import FORMATS, TERM, format_guess, formulation_check, problem_read, solution_write
from generation.formats.unsupported import LEFT_OUT, left_out_text
from generation.management.commands._term import term_solve
from generation.text import messages
from generation.text.infeasibility.explanations import explanation_record
from generation.text.infeasibility.obstacles import obstacles_text
from generation.text.infeasibility.phrases import Phrases
from generation.text.term_violations import term_incomplete, term_summary, violation_lines
from generation.text.unplaced_reasons import unplaced_report

BAD_INPUT, INCOMPLETE = 2, 3


class Terminal:
    """Progress for a person at a terminal, on stderr; nothing where nobody looks."""

    def __init__(self, is_quiet: bool, enough: Flag | None = None) -> None:
        self._is_shown = not is_quiet and sys.stderr.isatty()
        self._last = ""
        self._enough = enough  # raised by the first timetable without a broken rule

    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        if self._enough is not None and facts.hard == 0:
            self._enough.raise_("stop")
        line = f"{stage} {fraction:4.0%}" + (f"  hard {facts.hard}  cost {facts.soft}" if facts.hard is not None else "")
        if self._is_shown and line != self._last:
            self._last = line
            sys.stderr.write(f"\r{line:<70}")

    def checkpoint(self, state: SearchState) -> None: ...

    def end(self) -> None:
        if self._is_shown:
            sys.stderr.write("\n")


class Command(BaseCommand):
    help = "Solves an instance file without queue or server. Exit status: 0 feasible, 3 incomplete or clashing, 2 bad input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the instance")
        parser.add_argument(
            "--format", choices=("auto", *FORMATS), default="auto", help="the file's format (default: told by its name and content)"
        )
        parser.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="wall-clock for the search (default: 60)")
        parser.add_argument("--iterations", type=int, metavar="N", help="counted steps instead of the time limit")
        parser.add_argument(
            "--seed",
            type=int,
            default=1,
            metavar="N",
            help="the same number and workers give the same timetable with --iterations (default: 1)",
        )
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="cores to use (default: 1)")
        parser.add_argument("--solution", metavar="OUT", help="where to write the timetable, in the format's own form")
        parser.add_argument("--report", metavar="OUT.json", help="where to write the report")
        parser.add_argument(
            "--formulation",
            type=str.upper,
            choices=tuple(FORMULATIONS),
            default="",
            help="of .ctt and .ectt files: which penalties count (default: UD2)",
        )
        parser.add_argument("--allow-unsupported", action="store_true", help="leave out what the file asks and cannot be kept")
        parser.add_argument("--quiet", action="store_true", help="say nothing of the way there")
        parser.add_argument("--stages", default=",".join(OPTIONAL_STAGES), help=SUPPRESS)  # these three for benchmarks
        parser.add_argument("--choice", default="learned", help=SUPPRESS)
        parser.add_argument("--until-feasible", action="store_true", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        params = _params(options)
        format_name = format_guess(options["file"]) if options["format"] == "auto" else options["format"]
        if format_name == TERM:
            self._solve_term(params, options)
            return
        problem = _problem(options["file"], format_name, formulation=options["formulation"], allow_unsupported=options["allow_unsupported"])
        left_out = _left_out(problem)
        if left_out:
            self.stderr.write(messages.solve_left_out(name=problem.name, what=left_out_text(left_out)))
        for name in ("solution", "report"):
            _check_writable(options[name])
        self._preflight(problem)
        warm()
        with _stopped_by_interrupt() as stop:
            terminal = Terminal(options["quiet"], stop if options["until_feasible"] else None)
            result = search(problem, params, observer=terminal, stop=stop)
        terminal.end()
        if options["solution"]:
            _write(options["solution"], solution_write(problem, result.best.solution, format_name=format_name))
        report = report_of(problem, params, result, format_name=format_name)
        if not report["feasible"]:
            report["explanation"] = explanation_of(problem, result.best.solution)
        if options["report"]:
            _write(options["report"], json.dumps(report, indent=2) + "\n")
        if not options["quiet"]:
            self.stdout.write(messages.solve_summary(**report))
        if not report["feasible"]:
            for line in messages.solve_explained(report["explanation"]):
                self.stderr.write(line)
            raise CommandError(messages.solve_incomplete(**report), returncode=INCOMPLETE)

    def _solve_term(self, params: SolveParams, options: dict[str, Any]) -> None:
        """A term with weeks, travel and choosing students: another model, the same options, report and exit status."""
        problem = _term(options["file"], options["formulation"])
        for name in ("solution", "report"):
            _check_writable(options[name])
        terminal = Terminal(options["quiet"])
        with _stopped_by_interrupt() as stop:
            run = term_solve(problem, params, observer=terminal, stop=stop)
        terminal.end()
        if options["solution"]:
            _write(options["solution"], run.solution_text)
        if options["report"]:
            _write(options["report"], json.dumps(run.report, indent=2) + "\n")
        if not options["quiet"]:
            self.stdout.write(term_summary(**run.report))
        if not run.report["feasible"]:
            if "impossible" in run.report:
                self.stderr.write(run.report["impossible"])
            for line in violation_lines(each["message"] for each in run.report["violations"]):
                self.stderr.write(line)
            raise CommandError(term_incomplete(**run.report), returncode=INCOMPLETE)

    def _preflight(self, problem: Problem) -> None:
        """Say what makes the problem impossible; then the best incomplete timetable is still worth having, if there can be any."""
        obstacles = preflight(problem)
        text = obstacles_text(obstacles, Phrases(problem))
        if any(obstacle.id in NOTHING_TO_DO for obstacle in obstacles):
            raise CommandError(f"{problem.name}: {text}", returncode=BAD_INPUT)
        if obstacles:
            self.stderr.write(messages.solve_impossible(name=problem.name, obstacles=text))


def report_of(problem: Problem, params: SolveParams, result: Result, *, format_name: str) -> dict[str, Any]:
    """The published report of a run (its best variant)."""
    best = result.best
    return {
        "instance": problem.name,
        "format": format_name,
        "seed": params.seed,
        "workers": params.workers,
        "time_limit_s": params.time_limit_s if params.iterations is None else None,
        "feasible": best.score.hard == 0 and best.unplaced == 0,
        "hard": best.score.hard,
        "soft": best.score.soft,
        "breakdown": best.breakdown,
        "stages": [{"stage": s.stage, "seconds": s.seconds, "hard": s.hard, "soft": s.soft} for s in result.stages],
        "time_to_feasible_s": result.time_to_feasible_s,
        "moves_per_second": result.moves_per_second,
        "unplaced": best.unplaced,
        "student_clashes": best.student_clashes,
        "lower_bound": result.lower_bound,
        **({"note": messages.NOTHING_TO_PLACE} if result.is_settled else {}),
        **({"formulation": problem.source["formulation"]} if "formulation" in problem.source else {}),
        **({"left_out": _left_out(problem)} if _left_out(problem) else {}),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def explanation_of(problem: Problem, solution: Solution) -> dict[str, Any]:
    """Why the timetable is not complete: what is proven, and what keeps each lecture out."""
    unplaced = [unplaced_report(each) for each in unplaced_reasons(problem, solution)]
    return explanation_record(explain(problem, solution), Phrases(problem)) | {"unplaced": unplaced}


def _params(options: dict[str, Any]) -> SolveParams:
    try:
        return SolveParams(
            time_limit_s=options["time_limit"],
            iterations=options["iterations"],
            seed=options["seed"],
            workers=options["workers"],
            stages=tuple(name for name in options["stages"].split(",") if name),
            choice=options["choice"],
        )
    except ValueError as error:
        raise CommandError(messages.solve_bad_option(str(error)), returncode=BAD_INPUT) from None


def _problem(file: str, format_name: str, **options: Any) -> Problem:
    try:
        return problem_read(file, format_name=format_name, **options)
    except FormatError as error:
        raise CommandError(str(error), returncode=BAD_INPUT) from None


def _term(file: str, formulation: str) -> TermProblem:
    try:
        formulation_check(file, format_name=TERM, formulation=formulation)
        return itc2019.read(file)
    except FormatError as error:
        raise CommandError(str(error), returncode=BAD_INPUT) from None


def _left_out(problem: Problem) -> dict[str, int]:
    counts = problem.source.get(LEFT_OUT)
    return counts if isinstance(counts, dict) else {}


def _check_writable(path: str | None) -> None:
    """Learn of an unwritable output before the search, not after it."""
    if not path:
        return
    file = Path(path)
    try:
        if file.exists():
            is_writable = not file.is_dir() and os.access(file, os.W_OK)
        else:
            file.open("xb").close()  # permissions alone don't tell: /proc takes no file from anybody
            file.unlink()
            is_writable = True
    except (OSError, ValueError):
        is_writable = False
    if not is_writable:
        raise CommandError(messages.solve_unwritable(path), returncode=BAD_INPUT)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError:
        raise CommandError(messages.solve_unwritable(path), returncode=BAD_INPUT) from None


@contextmanager
def _stopped_by_interrupt() -> Iterator[Flag]:
    """Ctrl-C ends the search and keeps the best timetable so far."""
    flag = Flag()
    earlier = signal.signal(signal.SIGINT, lambda *_: flag.raise_("stop"))
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, earlier)
