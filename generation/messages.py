"""The words people read: each names the object, the value and the range, then gives a sentence of advice."""

from __future__ import annotations

HARD_TOTAL = "Hard violations"
SOFT_TOTAL = "Total penalty"

CONSTRAINT_LABELS = {
    "student_clash": "Students with two lectures at once",
    "availability": "Lectures at disliked times",
    "room_capacity": "Students without a seat",
    "min_days": "Courses spread over too few days",
    "compactness": "Isolated lectures of a curriculum",
    "curriculum_gaps": "Empty periods between a curriculum's lectures",
    "instructor_gaps": "Empty periods between an instructor's lectures",
    "room_stability": "Further rooms of one section",
    "home_building": "Lectures outside the preferred building",
    "lunch": "Days without a free lunch period",
    "daily_load": "Teaching above the daily maximum",
    "consecutive_load": "Teaching too long without a break",
    "same_start": "Lectures that should start together and do not",
    "room_fit": "Seats that stay empty",
}


def constraint_label(constraint: str) -> str:
    """The constraint's name in plain words."""
    return CONSTRAINT_LABELS.get(constraint, constraint.replace("_", " ").capitalize())


REFUSALS = {
    "organization_unknown": "There is no organization with the code {code!r} for you. Check the code, or ask its administrator to add you.",
    "organization_none": "You belong to no organization. Ask an administrator to add you to one.",
    "organization_several": "You belong to several organizations: {codes}. Say which one in 'organization'.",
    "role_needed": "Your role in {organization} is {role}; an administrator's is needed to do this. Ask an administrator of it.",
    "jobs_hidden": "Your role shows you published timetables only. Ask an administrator for a reviewer's role to see the runs.",
    "job_unknown": "There is no job {job_id!r} for you. Check the address, or look for it in the list of jobs.",
    "term_unknown": "{organization} has no term with {asked}. It has: {known}. Choose one of them, or leave it out for the current term.",
    "department_unknown": "{organization} has no department with the id {department_id}. Leave it out for the whole term.",
    "number_range": "{name} is {value}; it must be between {low} and {high}.",
    "weight_unknown": "There is no penalty called {name!r}. Known are: {known}.",
    "weight_range": "The weight of {name!r} is {value!r}; it must be a whole number between {low} and {high}.",
    "key_invalid": "The Idempotency-Key has {length} characters; it must be 1 to {most} printable ones. A UUID does well.",
    "job_finished": "This job is already {status}; only a waiting or running one can be {action}.",
    "job_cancelling": "This job is being cancelled; it can't be stopped to keep its timetable any more.",
    "job_has_no_timetable": "This job is {status} and has no timetable yet that could be kept. Try again in a few seconds, or cancel it.",
    "too_little_data": (
        "There is too little data to make a timetable: found {courses} courses, {instructors} instructors and {rooms} rooms; "
        "needed are at least {min_courses} courses, {min_instructors} instructors and {min_rooms} rooms. "
        "Add the missing ones, then generate again."
    ),
    "no_term": "{organization} has no term yet: found 0 courses. Add a term with its weekly grid and courses, then generate again.",
    "no_timeslots": (
        "The term {term} has no timeslots: {days} days of {periods} periods. Give its weekly grid days and periods, then generate again."
    ),
    "obstacles": "The data does not allow a complete timetable. {obstacles}",
    "stage_failed": (
        "Something went wrong on our side while {doing}. Nothing was kept. Generate again; if it happens again, tell us the job's number."
    ),
    "judge_disagrees": (
        "The timetable {label!r} was counted as {claimed} by the search and as {judged} by the judge. Nothing was kept, as one of them "
        "is wrong. Please report it with the job's number."
    ),
    "worker_lost": "The process that worked on this job ended unexpectedly{after}. Nothing was kept. Generate again.",
    "worker_lost_often": (
        "The process that worked on this job ended unexpectedly {attempts} times. Generate again with a shorter time or less data."
    ),
    "job_too_long": "The job ran longer than the {limit_s:.0f} s that are allowed. Generate again with a shorter time.",
}

STAGE_DOING = {
    "loading": "reading the institution's data",
    "clustering": "organising the sections",
    "cpsat_solving": "building the timetable",
    "ga_optimization": "improving the timetables",
    "rl_refinement": "finishing the timetables",
    "saving": "saving the timetables",
}

PREPARING = "Preparing the search"
WAITING = "Waiting for a free worker"


def refusal_text(message_id: str, **values: object) -> str:
    """The sentence for an error id; a missing value is a programming error and raises KeyError."""
    return REFUSALS[message_id].format(**values)


def variants_alike_note(*, other: str, differing: int, total: int) -> str:
    """Why a variant hardly differs from an earlier one."""
    share = 100 * differing / total if total else 0.0
    return (
        f"Differs from “{other}” in only {differing} of {total} placements ({share:.0f} %): "
        "the data leave little choice, or the time was too short to find another way."
    )
