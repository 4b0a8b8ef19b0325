"""Changes by hand as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generation.models import Edit
from generation.text.display_names import Naming
from generation.timetable.when import Clock, when_words

Change = dict[str, Any]
ACTION_WORDS: dict[str, str] = {
    Edit.Action.MOVE: "Moved",
    Edit.Action.SWAP: "Exchanged",
    Edit.Action.PIN: "Pinned",
    Edit.Action.UNPIN: "Unpinned",
    Edit.Action.UNDO: "Undid:",
    Edit.Action.REDO: "Did again:",
}


def edit_words(edit: Edit, clocks: Sequence[Clock], naming: Naming) -> str:
    """What was done, without who: ``ALG-1 from Monday 08:00 in R1 to Tuesday 10:00 in R2``."""
    worded = "; ".join(_change_words(change, clocks, naming) for change in edit.changes)
    return f"{ACTION_WORDS[Edit.Action(edit.action)]} {worded}"


def edit_sentence(edit: Edit, clocks: Sequence[Clock], naming: Naming) -> str:
    who = edit.user.get_username() if edit.user else "Somebody"
    words = edit_words(edit, clocks, naming)
    return f"{who} {words[0].lower()}{words[1:]}."


def _change_words(change: Change, clocks: Sequence[Clock], naming: Naming) -> str:
    before, after, name = change["before"], change["after"], change["section"]
    if any(before[part] != after[part] for part in ("day", "period", "room")):
        return f"{name} from {_place_words(before, clocks, naming)} to {_place_words(after, clocks, naming)}"
    parts = [word for word, pin in (("time", "is_time_pinned"), ("room", "is_room_pinned")) if before[pin] != after[pin]]
    return f"the {' and '.join(parts)} of {name}, {_place_words(after, clocks, naming)}"


def _place_words(state: Change, clocks: Sequence[Clock], naming: Naming) -> str:
    when = when_words(state["day"], state["period"], clocks)
    return f"{when} in {naming.room(state['room'])}" if state["room"] else when
