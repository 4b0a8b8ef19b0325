"""`python -m tests.benchmarks.make_instances`: writes the small instances anew, the same bytes each time.

`town.ctt` is a curriculum-based instance in the style of ITC-2007; `college.json` and `institute.json` are the small demo
university and a third of it, in the project's own format.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace

import django

from generation.formats import ctt
from tests.benchmarks.options import INSTANCES

NUM_COURSES, NUM_DAYS, PERIODS = 30, 5, 5


def town() -> ctt.CttInstance:
    """Thirty courses, a quarter of each one's timeslots closed in whole days."""
    rng = random.Random(7)
    courses = [
        ctt.CttCourse(f"c{n:02}", f"t{rng.randrange(20):02}", num := rng.randint(2, 5), min(num, rng.randint(2, 4)), rng.randint(12, 130))
        for n in range(NUM_COURSES)
    ]
    rooms = [ctt.CttRoom(f"r{n}", seats) for n, seats in enumerate((30, 45, 70, 90, 120))]
    groups = [rng.sample([course.id for course in courses], 4) for _ in range(24)]
    closed = {
        (course.id, day, period)
        for course in courses
        for day in rng.sample(range(NUM_DAYS), rng.randint(0, 2))
        for period in rng.sample(range(PERIODS), 4)
    }
    curricula = [ctt.CttCurriculum(f"q{n:02}", tuple(group)) for n, group in enumerate(groups)]
    return ctt.CttInstance("Town", NUM_DAYS, PERIODS, tuple(courses), tuple(rooms), tuple(curricula), tuple(sorted(closed)))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from academics.demo import SCALES
    from tests.benchmarks.universities import university_text

    small = SCALES["small"]
    third = replace(small, num_departments=2, num_offerings=20, num_students=220, num_rooms=12, num_instructors=28)
    (INSTANCES / "town.ctt").write_text(ctt.write(town()))
    (INSTANCES / "college.json").write_text(university_text(small, name="college") + "\n")
    (INSTANCES / "institute.json").write_text(university_text(third, name="institute") + "\n")


if __name__ == "__main__":
    main()
