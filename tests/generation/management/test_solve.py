"""`manage.py solve`: what it writes, how it ends, and that bad input costs one line and nothing else."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from generation.engine.evaluation.evaluate import evaluate
from generation.formats import ctt
from tests.generation.engine.term_model.published_checker import published_counts

TINY = Path("tests/data/tiny.ctt")
TERM = Path("tests/data/tiny_itc2019.xml")
ONLY = '<room id="A"/><time days="10000" start="4" length="2" weeks="11"/>'
CROWDED = f"""<problem name="crowded" nrDays="5" nrWeeks="2" slotsPerDay="24">
<optimization time="1" room="1" distribution="1" student="1"/><rooms><room id="A" capacity="9"/></rooms>
<courses><course id="C"><config id="1"><subpart id="1">
<class id="1" limit="1">{ONLY}</class><class id="2" limit="0">{ONLY}</class></subpart></config></course></courses>
<distributions><distribution type="MaxDayLoad(3)" required="true"><class id="1"/><class id="2"/></distribution></distributions>
<students><student id="s1"><course id="C"/></student><student id="s2"><course id="C"/></student></students></problem>"""
REPORT_FIELDS = {
    "instance",
    "format",
    "seed",
    "workers",
    "time_limit_s",
    "feasible",
    "hard",
    "soft",
    "breakdown",
    "stages",
    "time_to_feasible_s",
    "moves_per_second",
    "unplaced",
    "student_clashes",
    "lower_bound",
    "peak_rss_mb",
}


def overfull(folder: Path) -> Path:
    """The tiny instance with every timeslot of one course closed."""
    instance = ctt.read(TINY)
    course = instance.courses[0].id
    closed = {(course, day, period) for day in range(instance.num_days) for period in range(instance.periods_per_day)}
    text = ctt.write(instance)
    head, tail = text.split("UNAVAILABILITY_CONSTRAINTS:")
    rows = "\n".join(f"{name} {day} {period}" for name, day, period in sorted(closed | set(instance.unavailabilities)))
    count = len(closed | set(instance.unavailabilities))
    head = "\n".join(f"Constraints: {count}" if line.startswith("Constraints:") else line for line in head.split("\n"))
    path = folder / "overfull.ctt"
    path.write_text(f"{head}UNAVAILABILITY_CONSTRAINTS:\n{rows}\n\nEND.\n")
    assert tail
    return path


def test_solution_and_report_agree_with_the_judge(tmp_path: Path) -> None:
    solution, report = tmp_path / "out.sol", tmp_path / "out.json"
    call_command("solve", str(TINY), iterations=20, solution=str(solution), report=str(report), quiet=True)
    written = json.loads(report.read_text())
    problem = ctt.to_problem(ctt.read(TINY))
    verdict = evaluate(problem, ctt.parse_solution(solution.read_text(), problem))
    assert set(written) == REPORT_FIELDS
    assert (written["hard"], written["soft"], written["feasible"]) == (verdict.score.hard, verdict.score.soft, True)
    assert sum(written["breakdown"].values()) == written["hard"] + written["soft"]
    assert [stage["stage"] for stage in written["stages"]] == ["clustering", "cpsat_solving", "ga_optimization", "rl_refinement"]


def test_counted_runs_write_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a.sol", tmp_path / "b.sol"]
    for path in paths:
        call_command("solve", str(TINY), iterations=10, seed=4, solution=str(path), quiet=True)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_incomplete_timetable_is_written_and_ends_with_3(tmp_path: Path) -> None:
    solution, report = tmp_path / "out.sol", tmp_path / "out.json"
    with pytest.raises(CommandError, match="unplaced") as caught:
        call_command("solve", str(overfull(tmp_path)), iterations=2, solution=str(solution), report=str(report), quiet=True)
    written = json.loads(report.read_text())
    assert caught.value.returncode == 3
    assert solution.exists()
    assert written["feasible"] is False
    assert written["unplaced"] > 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.ctt", b"", "empty"),
        ("binary.ctt", b"\x00\x01\xff\xfe" * 100, "not text"),
        ("cut.ctt", TINY.read_bytes()[:150], "cut.ctt"),
        ("timetable.fet", b"<fet/>", "no days or no hours"),
        ("college.xml", b"<timetable>", "not XML"),
        ("school.xml", b"<HighSchoolTimetableArchive/>", "0 instances"),
        ("term.xml", b"<problem/>", "field <problem> name: it is missing"),
        ("term.xml", TERM.read_bytes()[:1500], "term.xml, line 3[0-9]: this is not XML"),
    ],
)
def test_bad_file_is_one_line_and_ends_with_2(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words) as caught:
        call_command("solve", str(path), iterations=1)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)


def test_missing_file_and_unwritable_output_end_with_2(tmp_path: Path) -> None:
    outputs = (str(tmp_path / "no" / "folder.json"), "/proc/report.json")  # even root may not write there
    for options in ({"file": "nowhere.ctt"}, *({"file": str(TINY), "report": output} for output in outputs)):
        with pytest.raises(CommandError) as caught:
            call_command("solve", options.pop("file"), iterations=1, **options)
        assert caught.value.returncode == 2


@pytest.mark.parametrize("option", [{"time_limit": 0.0}, {"seed": -1}, {"workers": 0}, {"iterations": 0}])
def test_option_out_of_range_names_value_and_range(option: dict[str, float]) -> None:
    with pytest.raises(CommandError, match="is not between") as caught:
        call_command("solve", str(TINY), **option)
    assert caught.value.returncode == 2


def test_process_says_it_in_one_line_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "cut.ctt"
    path.write_bytes(TINY.read_bytes()[:150])
    run = subprocess.run([sys.executable, "manage.py", "solve", str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_summary_names_instance_and_penalty() -> None:
    out = io.StringIO()
    call_command("solve", str(TINY), iterations=5, stdout=out)
    assert "0 hard violations" in out.getvalue()


def test_impossible_instance_is_explained_on_stderr_and_in_the_report(tmp_path: Path) -> None:
    report, stderr = tmp_path / "out.json", io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("solve", "tests/data/too_few_labs.json", iterations=20, report=str(report), quiet=True, stderr=stderr)
    explanation = json.loads(report.read_text())["explanation"]
    assert refusal.value.returncode == 3
    assert (explanation["verdict"], explanation["is_minimal"], len(explanation["unplaced"])) == ("impossible", True, 1)
    assert "Dr Adams is available only on Monday, period 1." in stderr.getvalue()
    assert "Open Lab 4 on Monday, period 1" in stderr.getvalue()
    assert explanation["unplaced"][0]["message"] in stderr.getvalue()


def test_a_term_with_weeks_is_solved_and_reported_with_its_four_parts(tmp_path: Path) -> None:
    solution, report, stdout = tmp_path / "out.xml", tmp_path / "out.json", io.StringIO()
    call_command("solve", str(TERM), iterations=2, solution=str(solution), report=str(report), stdout=stdout)
    written, root = json.loads(report.read_text()), ElementTree.parse(solution).getroot()

    assert set(written) == REPORT_FIELDS | {"itc2019"}
    assert (written["format"], written["feasible"], written["hard"], written["unplaced"]) == ("itc2019", True, 0, 0)
    assert written["itc2019"] == {"time": 0, "room": 0, "distribution": 0, "student": 0, "total": 0} | written["itc2019"]
    assert written["soft"] == written["itc2019"]["total"] == sum(written["breakdown"].values())
    assert (root.tag, root.get("name"), [each.get("id") for each in root]) == ("solution", "tiny", ["1", "2", "3", "4"])
    assert all(each.get("days") for each in root)
    assert "tiny: 0 hard violations, cost " in stdout.getvalue()


def test_counted_runs_of_a_term_write_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a.xml", tmp_path / "b.xml"]
    for path in paths:
        call_command("solve", str(TERM), iterations=3, seed=4, solution=str(path), quiet=True)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_term_that_cannot_be_feasible_is_written_with_what_is_broken(tmp_path: Path) -> None:
    term, report, stderr = tmp_path / "term.xml", tmp_path / "out.json", io.StringIO()
    term.write_text(CROWDED)
    with pytest.raises(CommandError, match="not complete and feasible: 4 hard violations") as refusal:
        call_command("solve", str(term), iterations=3, solution=str(tmp_path / "out.xml"), report=str(report), quiet=True, stderr=stderr)
    written = json.loads(report.read_text())

    assert refusal.value.returncode == 3
    assert written["feasible"] is False
    assert sum(written["broken"].values()) == written["hard"] == sum(each["amount"] for each in written["violations"])
    assert [each["message"] in stderr.getvalue() for each in written["violations"]] == [True] * len(written["violations"])
    assert "Classes 1 and 2 are in room A at once (Mon 4:00-6:00, weeks 1-2)." in stderr.getvalue()
    assert "Classes 1 and 2 have 2 timeslots too many in all (MaxDayLoad(3))." in stderr.getvalue()
    assert (tmp_path / "out.xml").exists()


def test_a_term_with_a_class_that_no_rule_lets_be_says_which(tmp_path: Path) -> None:
    term, report, stderr = tmp_path / "term.xml", tmp_path / "out.json", io.StringIO()
    term.write_text(CROWDED.replace("MaxDayLoad(3)", "DifferentTime"))
    with pytest.raises(CommandError) as refusal:
        call_command("solve", str(term), iterations=3, report=str(report), quiet=True, stderr=stderr)

    assert refusal.value.returncode == 3
    assert "crowded has no feasible timetable: class 1 has no time left that DifferentTime allows beside class 2." in stderr.getvalue()
    assert json.loads(report.read_text())["impossible"] in stderr.getvalue()


@pytest.mark.parametrize("name", ["bet-sum18", "lums-sum17"])
def test_the_published_checker_confirms_what_is_reported_of_a_real_term(name: str, shared_folder: Path, tmp_path: Path) -> None:
    file, solution, report = shared_folder / "data" / "itc2019" / f"{name}.xml", tmp_path / "out.xml", tmp_path / "out.json"
    call_command("solve", str(file), iterations=50_000, solution=str(solution), report=str(report), quiet=True)
    written, found = json.loads(report.read_text()), published_counts(shared_folder, file, solution)

    assert (written["hard"], written["soft"], written["feasible"]) == (found["hard"], found["total"], True)
    weight = 10  # of both terms, for students and distributions
    parts = {"time": found["time"], "room": found["room"], "distribution": weight * found["dist"], "student": weight * found["student"]}
    assert written["itc2019"] == parts | {"total": found["total"]}
