"""Small files of FET: say what matters, the rest is harmless. FET's own examples, and its program, where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.formats import fet

EXAMPLES = Path("/usr/share/doc/fet-data/examples")
FET_CL = shutil.which("fet-cl")
IS_REQUIRED = os.environ.get("CI") == "true" and shutil.which("apt-get") is not None
needs_fet = pytest.mark.skipif(FET_CL is None and not IS_REQUIRED, reason="FET's program is not installed (Debian's fet)")
needs_examples = pytest.mark.skipif(
    not EXAMPLES.exists() and not IS_REQUIRED, reason="FET's examples are not installed (Debian's fet-data)"
)

DAYS, HOURS = ("Mo", "Tu", "We"), ("8", "9", "10", "11")
YEARS = """
<Year><Name>Y1</Name><Number_of_Students>40</Number_of_Students>
  <Group><Name>A</Name><Number_of_Students>20</Number_of_Students>
    <Subgroup><Name>A1</Name><Number_of_Students>10</Number_of_Students></Subgroup>
    <Subgroup><Name>A2</Name><Number_of_Students>10</Number_of_Students></Subgroup></Group>
  <Group><Name>B</Name><Number_of_Students>20</Number_of_Students></Group></Year>
<Year><Name>Y2</Name><Number_of_Students>15</Number_of_Students></Year>
"""


def element(kind: str, fields: Sequence[tuple[str, object]] = (), *, weight: object = 100, inside: str = "") -> str:
    """A constraint with its fields, and with XML that stands beside them."""
    own = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields)
    return f"<Constraint{kind}><Weight_Percentage>{weight}</Weight_Percentage>{own}{inside}<Active>true</Active></Constraint{kind}>"


def times(tag: str, *cells: tuple[str, str], prefix: str = "") -> str:
    return "".join(f"<{tag}><{prefix}Day>{day}</{prefix}Day><{prefix}Hour>{hour}</{prefix}Hour></{tag}>" for day, hour in cells)


def activity(
    number: int, *, teacher: str = "", students: str = "", subject: str = "Maths", tag: str = "", length: int = 1, active: str = "true"
) -> str:
    people = "".join(
        f"<{name}>{value}</{name}>" for name, value in (("Teacher", teacher), ("Students", students), ("Activity_Tag", tag)) if value
    )
    return (
        f"<Activity>{people}<Subject>{subject}</Subject><Duration>{length}</Duration><Total_Duration>{length}</Total_Duration>"
        f"<Id>{number}</Id><Activity_Group_Id>0</Activity_Group_Id><Active>{active}</Active></Activity>"
    )


def fet_text(
    activities: Sequence[str],
    *,
    time: Sequence[str] = (),
    space: Sequence[str] = (),
    mode: str = "Official",
    rooms: str = "",
    days: Sequence[str] = DAYS,
) -> str:
    """A school of three days with four hours, the teachers T1 and T2, the rooms R1 and R2, and two years."""

    def named(tag: str, names: Sequence[str], more: str = "") -> str:
        return "".join(f"<{tag}><Name>{name}</Name>{more}</{tag}>" for name in names)

    halves = "<Mornings_Afternoons_Behavior>Unrestricted</Mornings_Afternoons_Behavior>" if mode == "Mornings_Afternoons" else ""

    rooms = rooms or "".join(
        f"<Room><Name>{name}</Name><Building></Building><Capacity>{seats}</Capacity><Virtual>false</Virtual></Room>"
        for name, seats in (("R1", 30), ("R2", 60))
    )
    basic = [element("BasicCompulsoryTime")], [element("BasicCompulsorySpace")]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fet version="6.8.5"><Mode>{mode}</Mode><Institution_Name>School</Institution_Name><Comments></Comments>
<Days_List><Number_of_Days>{len(days)}</Number_of_Days>{named("Day", days)}</Days_List>
<Hours_List><Number_of_Hours>{len(HOURS)}</Number_of_Hours>{named("Hour", HOURS)}</Hours_List>
<Subjects_List>{named("Subject", ("Maths", "Sport"))}</Subjects_List>
<Activity_Tags_List>{named("Activity_Tag", ("hard",))}</Activity_Tags_List>
<Teachers_List>{named("Teacher", ("T1", "T2"), halves)}</Teachers_List>
<Students_List>{YEARS}</Students_List>
<Activities_List>{"".join(activities)}</Activities_List>
<Buildings_List></Buildings_List><Rooms_List>{rooms}</Rooms_List>
<Time_Constraints_List>{"".join([*basic[0], *time])}</Time_Constraints_List>
<Space_Constraints_List>{"".join([*basic[1], *space])}</Space_Constraints_List>
</fet>
"""


def fet_accepts(text: str, folder: Path, *, seconds: int = 20) -> bool:
    """Whether FET's own program makes a timetable of the file, with everything that is locked in it where it is."""
    return fet_timetable(text, folder, seconds=seconds) is not None


def fet_timetable(text: str, folder: Path, *, seconds: int) -> Path | None:
    """The file of the timetable that FET's own program makes, with everything locked in it; None where it makes none in the time."""
    assert FET_CL is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "locked.fet").write_text(text, encoding="utf-8")
    command = [FET_CL, f"--inputfile={folder / 'locked.fet'}", f"--outputdir={folder}", f"--timelimitseconds={seconds}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10 * seconds, check=False)
    except subprocess.TimeoutExpired:  # its time limit counts from the end of its preparations, which may take long
        return None
    return next(folder.rglob("locked_data_and_timetable.fet")) if "Simulation successful" in done.stdout else None


def finished(file: Path) -> tuple[Problem, Solution]:
    """A finished timetable that FET wrote, with everything locked in it."""
    problem = fet.to_problem(fet.read(file), allow_unsupported=True)
    fits = ~(problem.lecture_features[:, None, :] & ~problem.room_features[None]).any(axis=2)
    return problem, Solution(problem.lecture_pin_slot.copy(), np.where(fits.any(axis=1), fits.argmax(axis=1), -1).astype(np.int32))
