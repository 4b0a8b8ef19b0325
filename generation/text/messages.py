"""The words people read: each names the object, the value and the range, then gives a sentence of advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext

from generation.engine.constraints.register import CONSTRAINTS, HARD_IDS, SOFT_IDS
from generation.engine.model.text import Count

if TYPE_CHECKING:
    from generation.models import Variant, Waiver, WorkflowEvent

HARD_TOTAL = "Hard violations"
SOFT_TOTAL = "Total cost"


def constraint_label(constraint: str) -> str:
    """The constraint's name in plain words."""
    return gettext(CONSTRAINTS[constraint].texts.label) if constraint in CONSTRAINTS else constraint.replace("_", " ").capitalize()


NO_SUCH_VARIANT = "There is no such variant. It may have been removed with its job: open the list of timetables and choose another."
NO_SUCH_WORKFLOW = "There is no such timetable. Open the list of timetables and choose another."
NO_SUCH_WAIVER = "There is no such waiver of this timetable. Reload the page to see those that there are."
NO_SUCH_COMMENT = "There is no such thread on this timetable. Reload the page to see those that there are."
REJECT_NEEDS_COMMENT = "A rejection needs a comment of at least one word. Say what has to change, so that the next timetable is better."
ROLE_LABELS = {"admin": "an administrator", "reviewer": "a reviewer", "viewer": "a viewer"}
STATUS_LABELS = {
    "draft": "a draft",
    "in_review": "in review",
    "approved": "approved",
    "rejected": "rejected",
    "published": "published",
    "archived": "archived",
}
ACTION_LABELS = {
    "select": "put forward",
    "approve": "approved",
    "reject": "rejected",
    "publish": "published",
    "archive": "archived",
    "waive": "given a waiver",
    "withdraw": "stripped of a waiver",
}


def role_needed(roles: tuple[str, ...]) -> str:
    return f"This needs {' or '.join(ROLE_LABELS[role] for role in roles)} of the institution. Ask one of them, or sign in as one."


def malformed_id(text: str) -> str:
    return f"{text[:80]!r} is not an id: an id looks like 123e4567-e89b-12d3-a456-426614174000. Copy it from the list of timetables."


def no_such_organization(code: str) -> str:
    return f"There is no institution {code[:80]!r} among yours. Leave it out to see all of yours."


def job_not_completed(status: str) -> str:
    return f"The job is {status}, and only a completed job's variant can be put forward. Wait for its end, or start another job."


def wrong_workflow_status(action: str, status: str, expected: tuple[str, ...]) -> str:
    allowed = " or ".join(STATUS_LABELS[name] for name in expected)
    return (
        f"This timetable is {STATUS_LABELS[status]}; it can be {ACTION_LABELS[action]} only while it is {allowed}. "
        "Reload the page to see who changed it and why."
    )


def rejected_as_it_is(variant: Variant, rejection: WorkflowEvent) -> str:
    when = f"{timezone.localtime(rejection.created_at):%-d %b %Y, %H:%M}"
    return (
        f"{variant.label} has not changed since it was sent back on {when}: “{rejection.comment}”. "
        "Change a lecture or choose another variant. Or write the reviewer a comment that says why it should be reviewed again unchanged."
    )


def variant_has_hard_violations(variant: Variant, left: Mapping[str, int], uncovered: Mapping[str, int], unread: Sequence[Waiver]) -> str:
    """``left``: what no confirmed waiver covers; ``uncovered``: what none does; ``unread``: waivers that the approver did not confirm."""
    total = sum(left.values())
    found = f"{variant.label} breaks {total} hard constraint{'s' if total != 1 else ''} ({_amounts(left)})"
    if not unread:
        return f"{found}, and no waiver covers them. Reject it with a comment, or write a waiver that names its owner and the reason."
    named = ", ".join(f"{waiver.pk} ({_amounts({waiver.constraint: waiver.amount})}, {waiver.owner})" for waiver in unread)
    missing = f" No waiver covers {_amounts(uncovered)}: write one that names its owner and the reason." if uncovered else ""
    return f"{found}. Not confirmed yet: waiver {named}.{missing} Confirm what you accept, or reject it with a comment."


def broken_words(amount: int) -> str:
    """What a rule adds to the violations: no number of people or lectures."""
    return f"broken {Count(amount):time}"


def broken_total(hard: int) -> str:
    return "no rule broken" if hard == 0 else f"{Count(hard):rule} broken"


def _amounts(breaches: Mapping[str, int]) -> str:
    return ", ".join(f"{constraint_label(name)}: {broken_words(amount)}" for name, amount in sorted(breaches.items()))


def variant_changed(variant: Variant, revision: int) -> str:
    return (
        f"{variant.label} was changed after it was put forward (revision {variant.revision}, put forward was {revision}). "
        "An administrator has to put it forward again, so that what is decided on is what was read."
    )


def revision_unseen(variant: Variant, seen: int) -> str:
    return f"{variant.label} was put forward anew while you read revision {seen}. Reload the page and look at what changed."


SAME_PERSON = "You put this timetable forward, and your institution requires two different people. Ask a colleague to approve it."
SAME_PERSON_WAIVER = (
    "You wrote a waiver of this timetable, and your institution requires two different people. Ask a colleague to approve it."
)
SAME_PERSON_ARCHIVE = (
    "You read this timetable from an archive, where it was put forward already, and your institution requires two different people. "
    "Ask a colleague to approve it."
)
WAIVER_WITHDRAWN = "This waiver is withdrawn already. Reload the page to see those that are left."
WAIVER_NEEDS = {
    "amount": "Give how many violations are accepted, as a whole number from 1.",
    "owner": "Name who answers for it, in 1 to 200 characters.",
    "reason": "Say why it is accepted, in 1 to 4000 characters.",
}
NOTICE_SUBJECTS = {"select": "To decide", "approve": "Approved", "reject": "Sent back", "publish": "Published"}
NOTICE_WHAT = {"select": "put forward", "approve": "approved", "reject": "sent back", "publish": "published"}


def quality_words(variant: Variant) -> str:
    if variant.hard == 0:
        return f"It is complete, no rule is broken, and its cost is {variant.soft:,}."
    return f"{Count(variant.hard):rule} {'is' if variant.hard == 1 else 'are'} broken, and its cost is {variant.soft:,}."


def copy_made(original: Variant, made: Variant) -> str:
    return f"This is “{made.label}”: change it as you like. “{original.label}” stays as it is."


OTHER_TERM = "The two timetables are of different terms, so that they share neither lectures nor people. Choose two of one term."
COMMENT_ARCHIVED = "This timetable is archived, and is kept as it was. Comment on the one that replaced it."
COMMENT_NEEDS_VARIANT = "Name one of this timetable's variants by its id."


def waiver_not_needed(constraint: str, left: Mapping[str, int]) -> str:
    known = ", ".join(f"{name} ({amount})" for name, amount in sorted(left.items()))
    asked = constraint[:60]
    if not known:
        return f"There is nothing to waive under {asked!r}: every broken rule is covered, or none is broken."
    return f"{asked!r} is not broken, or is covered already. What can be waived: {known}."


def waiver_amount(constraint: str, amount: int, most: int) -> str:
    return f"{amount} is not an amount of {constraint_label(constraint)!r} to waive; it must be between 1 and {most}."


def waiver_words(constraint: str, amount: int, owner: str, reason: str) -> str:
    return f"{constraint_label(constraint)}: {amount}. Owner: {owner}. Reason: {reason}"


def comment_length(length: int, most: int) -> str:
    return f"The comment has {length} characters; it must have 1 to {most}."


def no_such_lecture(lecture: int | None, label: str, count: int) -> str:
    return f"{label} has no lecture {lecture}; its {count} lectures are listed under entries with their numbers."


def no_such_thread(thread_id: int) -> str:
    return f"There is no comment {thread_id} on this timetable. Leave it out to begin a thread."


def taken_over(read_by: str, read_at: dt.datetime) -> str:
    here = timezone.localtime(read_at)
    who = read_by or "the server's operator"
    return f"Taken over from an archive read by {who} on {here.day} {here:%b %Y, %H:%M}; what happened before that was recorded elsewhere."


def not_a_day(text: str) -> str:
    return f"{text[:40]!r} is no day. Write year, month and day, as in 2027-04-12."


def replaced_by(made_at: dt.datetime) -> str:
    """Named as the pages name it: by the moment when its run was started, in the site's time."""
    return f"Replaced by the timetable of {made_at.day} {made_at:%b %Y, %H:%M}."


def no_term_dates(term: str, missing: list[str]) -> str:
    return (
        f"A calendar needs the term's first and last day and its clock times, and {term or 'the term'} lacks {' and '.join(missing)}. "
        "Enter them under Terms and export again."
    )


def no_such_time_zone(name: str) -> str:
    return f"The organization's time zone {name!r} is not known; a name looks like Europe/Warsaw. Correct it and export again."


def not_from_ctt(organization: str) -> str:
    return f"The ctt format is for an institution imported from a .ctt file, and {organization} was not. Choose json, csv or xlsx."


WHOLE_ALONE = "A file of FET is of the whole timetable with its data, for its administrators and reviewers. Leave out 'by' and 'key'."


def too_many_pages(found: int, most: int, by: str) -> str:
    return f"A PDF of every {by} would have {found} pages, and {most} is the most. Choose one {by} and export its week."


def book_title(by: str, count: int) -> str:
    return f"The week of every {by}: {count:,} in all" if count != 1 else f"The week of the only {by}"


def letters_without_font(letters: list[str]) -> str:
    """By their code points: the letters themselves are what can't be printed."""
    codes = ", ".join(f"U+{ord(letter):04X}" for letter in letters[:12])
    more = f" and {len(letters) - 12} more" if len(letters) > 12 else ""
    return f"Printed as boxes, for no font of this program has them: {codes}{more}. Search and copy find the letters all the same."


ELECTIVE = "elective"


def summary_of(course: str, title: str, *, is_elective: bool) -> str:
    """A lecture in one line of a calendar."""
    words = f"{course} {title}" if title != course else course
    return f"{words} ({ELECTIVE})" if is_elective else words


def no_place_yet(sections: list[str]) -> str:
    plural = "lectures have" if len(sections) != 1 else "lecture has"
    return f"{len(sections)} {plural} no place yet: {', '.join(sorted(set(sections)))}"


REFUSALS = {
    "organization_unknown": "There is no institution with the code {code!r} for you. Check the code, or ask its administrator to add you.",
    "organization_none": "You belong to no institution. Ask an administrator to add you to one.",
    "organization_several": "You belong to several institutions: {codes}. Say which one in 'organization'.",
    "role_needed": "Your role in {organization} is {role}; an administrator's is needed to do this. Ask an administrator of it.",
    "reader_needed": "Your role in {organization} is {role}; an administrator's or a reviewer's is needed. Ask an administrator of it.",
    "jobs_hidden": "Your role shows you published timetables only. Ask an administrator for a reviewer's role to see the runs.",
    "job_unknown": "There is no job {job_id!r} for you. Check the address, or look for it in the list of jobs.",
    "term_unknown": "{organization} has no term with {asked}. It has: {known}. Choose one of them, or leave it out for the current term.",
    "department_unknown": "{organization} has no department with the id {department_id}. Leave it out for the whole term.",
    "number_range": "{name} is {value}; it must be between {low} and {high}.",
    "weight_unknown": "There is no weight called {name!r}. Known are: {known}.",
    "weight_range": "The weight of {name!r} is {value}; it must be a whole number between {low} and {high}.",
    "not_ready": "The data are not ready for a timetable: {reason} See Readiness for everything that has to be fixed first.",
    "rule_unknown": "There is no rule {line_id!r} for you. Look for it in the list of rules.",
    "rule_fixed": "This cannot be changed here. {why}",
    "key_invalid": "The Idempotency-Key has {length:character}; it must be 1 to {most} printable ones. A UUID does well.",
    "key_used": "The Idempotency-Key {key!r} was used for another request. Send a new one with each new request; a UUID does well.",
    "copies_limit": "The run{when} has {copies} copies, and {most} are the most that one may have (setting COPIES_LIMIT). "
    "Change one of them further, or make a new timetable.",
    "problem_gone": "The data of this term have changed since the run, and this run is too old to have kept a copy of them. "
    "Its timetables can be read and exported as they are; make a new timetable to change one by hand.",
    "problem_newer": "This run was made by a newer release than this one. Update this installation to change its timetables by hand.",
    "job_unfinished": "The run is {status}; only the timetables of a completed one can be changed by hand.",
    "variant_closed": "This timetable is {status}, so it can't be changed by hand: it must stay as it was put forward. "
    "Copy it and change the copy, or ask for it to be sent back.",
    "variant_changed": "{names} changed this timetable after you opened it ({edits:change}). Nothing of yours was saved. "
    "Look at what they did, reload, and make your change again.",
    "revision_unknown": "revision is {value}, but this timetable is at {now}. Reload it and try again.",
    "also_not_moved": "Only a move takes further lectures along: leave out 'also', or say the action 'move'.",
    "lecture_twice": "Lecture {value} is named twice. A lecture goes to one place: name it once.",
    "lecture_unknown": "There is no lecture {value} in this timetable; they are numbered from 0 to {most}.",
    "room_unknown": "There is no room {room!r} in this timetable. Leave the room out, and the best one is chosen.",
    "place_missing": "This lecture has no place yet. Say the day and the period where it should be held.",
    "place_half": "Say both the day and the period, or neither to change the room alone.",
    "other_missing": "Say which lecture it should change places with, in 'other'.",
    "other_same": "A lecture cannot change places with itself. Say another one in 'other'.",
    "no_place_to_swap": "A lecture of {section} has no place yet, so there is nothing to exchange. Move it instead.",
    "no_place_to_pin": "A lecture of {section} has no place yet, so it can't be pinned to one. Move it first.",
    "time_pinned": "A lecture of {section} is pinned to its place. Unpin it first.",
    "room_pinned": "A lecture of {section} is pinned to room {room}. Unpin its room first.",
    "nothing_to_undo": "There is no change by hand to undo.",
    "nothing_to_redo": "There is nothing to redo: no change was undone since the last one.",
    "job_finished": "This job is already {status}; only a waiting or running one can be {action}.",
    "job_cancelling": "This job is being cancelled; it can't be stopped to keep its timetable any more.",
    "job_has_no_timetable": "This job is {status} and has no timetable yet that could be kept. Try again in a few seconds, or cancel it.",
    "too_little_data": (
        "There is too little data to make a timetable: found {courses:course}, {instructors:instructor} and {rooms:room}; "
        "needed are at least {min_courses:course}, {min_instructors:instructor} and {min_rooms:room}. "
        "Add the missing ones, then generate again."
    ),
    "no_term": "{organization} has no term yet: found 0 courses. Add a term with its weekly grid and courses, then generate again.",
    "no_timeslots": (
        "The term {term} has no timeslots: {days:day} of {periods:period}. Give its weekly grid days and periods, then generate again."
    ),
    "obstacles": "The data does not allow a complete timetable. {obstacles}",
    "stage_failed": (
        "Something went wrong on our side while {doing}. Nothing was kept. Generate again; if it happens again, tell us the job's number."
    ),
    "scores_differ": (
        "The timetable {label!r} was scored {claimed} by the search and {evaluated} by the independent evaluation. Nothing was kept, as "
        "one of them is wrong. Please report it with the job's number."
    ),
    "worker_lost_often": (
        "The process that worked on this job ended unexpectedly {attempts:time}. Generate again with a shorter time or less data."
    ),
    "jobs_many": "{organization} has {waiting} jobs waiting, and may have {most}. Wait until one has begun, or cancel one.",
    "book_unknown": "Nobody has requested the book of {book}, so there is nothing to give up.",
    "book_over": "The book is {status}; it can't be given up any more.",
    "book_given_up": "Making the book was given up. Request it again to start over.",
    "book_failed": "The book could not be made. Request it again; if it fails again, tell us its number, {number}.",
    "feed_unknown": "There is no calendar link {feed_id!r} of yours that works. It may have been revoked: look at the list of your links.",
    "feed_unknown_key": (
        "The published timetable of {organization} has no {by} {key!r}. Look its code up under Published, or wait until it is published."
    ),
    "feed_nobody": (
        "No instructor of {organization} has your e-mail address ({email}), so your own lectures are not known. Subscribe to a section, "
        "an instructor or a room instead, or ask an administrator to enter your address with the instructor."
    ),
    "feeds_too_many": "You have {most} calendar links already, and that is the most. Revoke one that you no longer need.",
    "nothing_published": "Nothing of {organization} is published yet, so there is no calendar. Come back when it is.",
    "split_one_of": "Give either the largest size of a section or the number of sections, as a whole number from 1.",
    "split_range": "{name} is {value}; it must be between 1 and {most}. {course} has {students:student}.",
    "split_too_many": "This makes {sections:section} of {course}; {most} is the most. Make the sections larger.",
    "split_own_sections": "{course} has {sections:section} of its own in the data, and these stay as they are. "
    "Change or delete them under Sections to split it by size.",
    "split_nobody": "Nobody is known to take {course}, so there is nothing to split. Enter enrolments, or how many students are expected.",
    "offering_unknown": "{organization} offers no {code!r} in {term}. Look its code up in the list of courses.",
    "courses_too_many": "{value} courses were named, and a matrix has at most {most}. Name fewer.",
    "band_name": "The name of a band must have 1 to {most} characters. Name it after what its students choose, as in Second language.",
    "band_taken": "There is a band called {name!r} in {term} already. Choose another name, or remove that one first.",
    "band_offerings": "A band has 2 to {most} offerings, of which a student takes one; {found} given. Choose others.",
    "band_no_times": "Mark at least one timeslot for the band, or let its offerings run in parallel.",
    "band_too_few_times": "{course} has {periods:period} a week, and only {slots:timeslot} marked. Mark more, or choose other courses.",
    "band_timeslot": "There is no timeslot {value!r} in {term}. A timeslot is its day and period, counted from 0, as in 0-2.",
    "band_kind": "{value!r} is no kind of band. They are: {known}.",
    "band_unknown": "There is no band {name!r} in {term}. It may have been removed: reload the list.",
    "department_unknown_code": "{organization} has no department {code!r}. Look its code up under Departments.",
    "curriculum_unknown_code": "{organization} has no curriculum {code!r}. Look its code up under Curricula.",
    "keep_unknown": "keep is {value!r}; it must be one of {known}.",
    "keep_budget_alone": "{name} goes only with keep 'minimal', which changes an earlier timetable as little as possible. Leave it out, "
    "or say so in 'keep'.",
    "keep_missing": "Say in 'keep' what stays of that timetable: {known}.",
    "keep_from_missing": "Say in 'keep_from' of which timetable it stays: the id of a variant of the same term.",
    "keep_from_unknown": "There is no variant {variant_id!r} for you to keep places of. Copy its id from the list of variants.",
    "keep_from_term": "The variant {label!r} is of the term {theirs}, and this run is for {term}. Choose one of {term}.",
    "keep_no_term": "There is no term yet, so there is no earlier timetable to keep places of. Leave 'keep_from' out.",
    "keep_departments_missing": "Say in 'keep_departments' which departments are meant, by their codes: {known}.",
    "keep_department_unknown": "There is no department {code!r}. Known are: {known}.",
    "keep_impossible": "{lectures:lecture} cannot stay where requested. Correct the data, or "
    "say that these are to be left out and placed anew.",
    "keep_changed": "The data changed after the run was requested, and {lectures:lecture} can no longer stay where requested: {named}. "
    "Request the run again to see what can stay.",
    "job_too_long": "The job ran longer than the {limit_s:second} that are allowed. Generate again with a shorter time.",
}

MOST_NAMED = 12


def some_of(known: Sequence[str]) -> str:
    """The first of a list that may be long."""
    return ", ".join(known[:MOST_NAMED]) + (f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else "") or "none"


def and_more(number: int) -> str:
    return f"and {number:,} more"


STAGE_DOING = {
    "loading": "reading the institution's data",
    "clustering": "organising the sections",
    "cpsat_solving": "building the timetable",
    "ga_optimization": "improving the timetables",
    "rl_refinement": "finishing the timetables",
    "saving": "saving the timetables",
}

PREPARING = "Reading courses, rooms and people"
COMPILING = "Getting ready (first run only): the search is compiled for this machine, which takes about a minute"
WAITING = "Waiting for a free worker"


def waiting_text(*, own: int, others: int) -> str:
    """Shown for a job that waits: how many come before it, and whose, but nothing else of them."""
    if not own and not others:
        return WAITING
    parts = [_jobs(number, whose) for number, whose in ((own, "your institution"), (others, "other institutions")) if number]
    return f"{WAITING}: {' and '.join(parts)} {'is' if own + others == 1 else 'are'} before this one"


def _jobs(number: int, whose: str) -> str:
    whose = "another institution" if number == 1 and whose == "other institutions" else whose
    return f"{number} {'job' if number == 1 else 'jobs'} of {whose}"


def refusal_text(message_id: str, **values: object) -> str:
    """The sentence for an error id; a missing value is a programming error and raises KeyError."""
    counted = {name: Count(value) if type(value) is int else value for name, value in values.items()}
    return REFUSALS[message_id].format(**counted)


COUNTED = {2: "two", 3: "three", 4: "four"}
NOTHING_BROKEN = (
    "Nothing is broken, and nothing was left to place: every lecture stays where it was. "
    "So there is this one timetable, and the run ended at once."
)
NOTHING_TO_PLACE = (
    "Nothing was left to place: no lecture can be anywhere else than here. So there is this one timetable, and the run ended at once."
)


def variants_same_note(labels: Sequence[str]) -> str:
    """Why there are fewer variants than requested."""
    number = COUNTED.get(len(labels), str(len(labels)))
    return f"The {number} profiles {', '.join(labels[:-1])} and {labels[-1]} led to the same timetable, which is kept once."


def variants_alike_note(*, other: str, differing: int, total: int) -> str:
    """Why a variant hardly differs from an earlier one."""
    share = 100 * differing / total if total else 0.0
    return (
        f"Differs from “{other}” in only {differing} of {total} placements ({share:.0f} %): "
        "the data leave little choice, or the time was too short to find another way."
    )


WISHES_BELOW = "the wishes that are named below"


@dataclass(frozen=True, slots=True)
class WishesText:
    """What the penalty of a timetable, and its bound, cover; and what they do not."""

    rules: str
    weighed: str
    left_out: str


def wishes_named(variant: Variant) -> WishesText:
    """By what the run found in its data; of runs of earlier releases, which did not note it, by what was counted."""
    hard = [name for name in variant.breakdown if name in HARD_IDS]
    noted: dict[str, bool] = variant.certificate.get("wishes") or {name: True for name in variant.breakdown if name in SOFT_IDS}

    def said(names: Iterable[str]) -> str:
        return ", ".join(constraint_label(name).lower() for name in names)

    weighed, left_out = [name for name, is_weighed in noted.items() if is_weighed], [name for name in noted if not noted[name]]
    return WishesText(said(hard), said(weighed), said(left_out))


def bound_note(variant: Variant) -> str:
    """How far a variant without broken rules can be from the best there is; empty where the bound says next to nothing."""
    bound = variant.statistics.get("lower_bound")
    if variant.hard or bound is None or bound < BOUND_SHARE * variant.soft:
        return ""
    if bound >= variant.soft:
        return f"{variant.label}: proven best by {WISHES_BELOW}: no timetable that keeps the rules has a lower cost by them."
    return (
        f"{variant.label}: its cost is at most {variant.soft - bound:,} above the best possible by {WISHES_BELOW}, as no timetable "
        f"that keeps the rules can have a cost below {bound:,}."
    )


BOUND_SHARE = 0.1  # of the cost: with less, "at most so much above" says no more than the cost itself


def solve_bad_option(found: str) -> str:
    name, _, rest = found.partition(":")
    option = "--time-limit" if name == "time_limit_s" else f"--{name}"
    return f"{option}:{rest}. Choose a value in that range."


def solve_impossible(*, name: str, obstacles: str) -> str:
    return f"{name} has no timetable without violations, so the search can only come near: {obstacles}"


def solve_left_out(*, name: str, what: str) -> str:
    return f"{name}: left out, as it cannot be kept: {what}."


def solve_unwritable(path: str) -> str:
    return f"{path}: the file cannot be written. Name a file in a folder that exists and that you may write to."


def solve_summary(*, instance: str, hard: int, soft: int, unplaced: int, lower_bound: int | None, note: str = "", **_: object) -> str:
    bound = "" if lower_bound is None else f" (no feasible timetable has a cost below {lower_bound})"
    return f"{instance}: {Count(hard):hard violation}, cost {soft}{bound}, {Count(unplaced):lecture} unplaced. {note}".rstrip()


def solve_incomplete(*, instance: str, hard: int, unplaced: int, **_: object) -> str:
    return (
        f"{instance}: the timetable is not complete and feasible: {Count(unplaced):lecture} unplaced, {Count(hard):hard violation} in all. "
        "The lines above say why, as far as was found out."
    )


def solve_explained(explanation: Mapping[str, Any]) -> list[str]:
    """Plain lines for a terminal: what is proven, why each lecture has no place, what would help."""
    lines = [explanation["headline"]]
    lines += [f"  - {member['message']}" for member in explanation["members"]]
    if explanation["members"]:
        lines.append("  " + (MINIMAL if explanation["is_minimal"] else explanation_narrowed(explanation)))
    if explanation["fixes"]:
        lines += ["Any one of these would end it:", *(f"  - {fix}" for fix in explanation["fixes"])]
    if len(explanation["must_give"]) > 1:
        lines += [MUST_GIVE if explanation["is_least"] else ENOUGH, *(f"  - {change}" for change in explanation["must_give"])]
    unplaced = explanation.get("unplaced", [])
    lines += [f"{row['message']}{''.join(f' {way}' for way in row['ways'][:1])}" for row in unplaced[:MOST_UNPLACED_LINES]]
    if len(unplaced) > MOST_UNPLACED_LINES:
        lines.append(f"{len(unplaced) - MOST_UNPLACED_LINES} more lectures have no place; the report lists them.")
    return lines


def explanation_narrowed(explanation: Mapping[str, Any]) -> str:
    """How far the requirements were narrowed where not each of them is proven to be needed."""
    narrowed = (explanation.get("narrowed") or {}).get("message", "")  # explanations of earlier releases have none
    return NOT_MINIMAL if narrowed in explanation["headline"] else f"{NOT_MINIMAL[:-1]}: {narrowed}."


MOST_UNPLACED_LINES = 10
MINIMAL = "Without any one of these the others can be kept (checked)."
NOT_MINIMAL = "These contradict each other (proven); fewer of them may do so as well."
MUST_GIVE = "For everything to have a place, at the least this has to change:"
ENOUGH = "With these changes everything could have a place (cheaper ones may exist):"
