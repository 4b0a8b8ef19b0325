"""What a browser sends, as what the services take; and an answer as its form shows it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone

from academics.ids import number_read
from academics.week_labels import DAY_NAMES
from generation.models import WishAnswer, WishRound
from generation.wishes import messages
from generation.wishes.said import MOST_ROOMS, Grid, Said

FIRST_YEAR, LAST_YEAR = 2000, 2199
CHOICES = [(2, "would like"), (-2, "rather not"), (-4, "impossible")]


def said_posted(grid: Grid, data: QueryDict) -> dict[str, Any]:
    """The form's fields; cells of another week than the term's are not looked at."""
    times = []
    for day in range(grid.term.num_days):
        for period in grid.indexes:
            rating = data.get(f"t-{day}-{period}", "0")
            if rating != "0":
                wish = messages.WISH_OF.get(number_signed(rating) or 0, rating[:20])
                times.append({"day": day, "period": period, "wish": wish})
    number = number_read(data.get("num_free_days", "0") or "0", max_digits=2)
    return {
        "times": times,
        "free_days": [number_read(day, max_digits=2) for day in data.getlist("free_days")],
        "num_free_days": data.get("num_free_days") if number is None else number,
        "rooms": [code for code in (each.strip() for each in data.getlist("rooms")) if code],
        "shape": data.get("shape", ""),
        "reason": data.get("reason", ""),
        "remarks": data.get("remarks", ""),
    }


def text_posted(data: QueryDict, name: str) -> str:
    """Without what PostgreSQL can't keep."""
    return data.get(name, "").replace("\x00", "")


def number_signed(text: str) -> int | None:
    number = number_read(text.removeprefix("-"), max_digits=2)
    return None if number is None else -number if text.startswith("-") else number


def raw_of(said: Said) -> dict[str, Any]:
    """The same of an answer that is kept."""
    times = [{"day": day, "period": period, "wish": messages.WISH_OF.get(rating, "")} for (day, period), rating in said.marks.items()]
    return said.columns() | {"times": times}


def form_shown(grid: Grid, raw: dict[str, Any]) -> dict[str, Any]:
    """The fields with what stands in them."""
    marked = {(each["day"], each["period"]): messages.WISHES.get(each["wish"], 0) for each in raw["times"]}
    names = grid.names
    days = DAY_NAMES[: grid.term.num_days]
    rows = [
        (
            names[period],
            [
                {"name": f"t-{day}-{period}", "words": f"{days[day]}, {names[period]}", "rating": marked.get((day, period), 0)}
                for day in range(len(days))
            ],
        )
        for period in grid.indexes
    ]
    rooms = [*raw["rooms"], *[""] * MOST_ROOMS][: max(MOST_ROOMS, len(raw["rooms"]))]
    return {
        "days": days,
        "rows": rows,
        "choices": CHOICES,
        "free_days": [{"value": day, "words": name, "is_chosen": day in raw["free_days"]} for day, name in enumerate(days)],
        "num_free_days": raw["num_free_days"],
        "rooms": rooms,
        "places": [*sorted(grid.rooms), *(f"building {code}" for code in sorted(grid.buildings))],
        "shapes": [{"value": value, "words": words, "is_chosen": value == raw["shape"]} for value, words in WishAnswer.Shape.choices],
        "reason": raw["reason"],
        "remarks": raw["remarks"],
    }


def moment_read(text: str, zone: ZoneInfo, *, field: str) -> dt.datetime:
    """What a field of date and time holds, on the institution's clocks. Not at the ends of the calendar, which other clocks don't have."""
    found: dt.datetime | None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise messages.wrong(field, f"{text[:30]!r} is no date and time. Write it as 2026-09-01 08:00.")
    return found.replace(tzinfo=zone)


def moments_shown(found: WishRound | None, zone: ZoneInfo) -> dict[str, str]:
    """Of a form that is there; else two weeks from today on."""
    now = timezone.now()
    opens = found.opens_at if found else now
    closes = found.closes_at if found else now + dt.timedelta(days=14)
    return {
        "opens_at": f"{timezone.localtime(opens, zone):%Y-%m-%dT%H:%M}",
        "closes_at": f"{timezone.localtime(closes, zone):%Y-%m-%dT%H:%M}",
    }
