"""The values of a violation in words: what the engine stores as ids, codes and numbers, with the names that people know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext

from generation.text.phrases import DisplayNames, Number, limit_phrase, listed, relation_phrase, room_phrase, time_phrase
from generation.text.without_room import A_ROOM


class ViolationText(NamedTuple):
    message: str
    suggestion: str


def value_phrase(value: Sequence[Any], names: DisplayNames) -> Number | str:
    """One value of a violation; a time with its preposition."""
    match value:
        case ("count", int(number)):
            return Number(number)
        case ("slot", str() | int() as day, str() | int() as period):
            return gettext("on {time}").format(time=time_phrase(day, period))
        case ("room", str(code)):
            return room_phrase(code, names)
        case ("in_room", str(code)):
            return gettext("in {room}").format(room=room_phrase(code, names))
        case ("rooms", [*codes]):
            return listed([str(value_phrase(("room", code), names)) for code in codes])
        case ("section", str(label)):
            return label
        case ("instructor", str(code)):
            return names.instructor(code)
        case ("curriculum", str(code)):
            return names.curriculum(code)
        case ("features", [*features]):
            return listed([_feature(feature) for feature in features])
        case ("room_kind", str() | int() as kind):
            return _room_kind(kind)
        case ("building", str() | int() as building):
            return building if isinstance(building, str) else gettext("building {number}").format(number=building + 1)
        case ("relation", str(relation), int(days), str(first_day)):
            return relation_phrase(relation, days, first_day)
        case ("limit", str(measure), str(side), int(number)):
            return limit_phrase(measure, side, number)
        case ("pair", str(section), relation, str(order)):
            return _pair(section, str(value_phrase(relation, names)), order)
        case ("need", str() | int() | None as kind, int(seats), [*features]):
            return _need(kind, seats, features)
    raise ValueError(f"no value of a violation: {value!r}")


def _room_kind(kind: str | int) -> str:
    return kind if isinstance(kind, str) else gettext("kind {number}").format(number=kind + 1)


def _feature(feature: str | int) -> str:
    return feature if isinstance(feature, str) else gettext("feature {number}").format(number=int(feature) + 1)


def _pair(section: str, relation: str, order: str) -> str:
    """What does not stand as it must to the lecture that has no place."""
    template = {
        "first": gettext("{section} as they must ({relation}, this one first)"),
        "second": gettext("{section} as they must ({relation}, this one second)"),
    }.get(order) or gettext("{section} as they must ({relation})")
    return template.format(section=section, relation=relation)


def _need(kind: str | int | None, seats: int, features: Iterable[str | int]) -> str:
    words = [gettext("any kind of room") if kind is None else _room_kind(kind)]
    if seats:
        words.append(gettext("at least {seats:seat}").format(seats=Number(seats)))
    return ", ".join([*words, *(_feature(feature) for feature in features if feature != A_ROOM)])


def place_phrase(value: Sequence[Any], names: DisplayNames) -> str:
    """As `value_phrase`, a time without its preposition."""
    match value:
        case ("slot", str() | int() as day, str() | int() as period):
            return time_phrase(day, period)
    return str(value_phrase(value, names))
