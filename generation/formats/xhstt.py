"""High school timetabling files (XHSTT-2014) as a `Problem`, and the archive with a solution of it.

An event is a section; its duration is split into lectures as its split constraints allow, into as few as they do. A resource that is
named in advance and must not clash is an instructor here; one that has to be chosen (one for each event) is a room. Lectures
stay inside a day. What a constraint counts stands in HSEval's specification; kept are, with a linear cost where they are weighted:

=========================  ==========================================================================================
AssignTime                 hard, and as if it were hard where it is weighted
AssignResource             hard, or weighted where all lectures of the event are of one length
PreferTimes                hard; weighted for events of single periods
PreferResources            as AssignResource
SplitEvents, Distribute... where the duration can be split without a cost
AvoidSplitAssignments      hard, of single events
SpreadEvents               of single periods; hard with at most one lecture in each day
LinkEvents                 hard, of events that are split alike
OrderEvents                hard, of events in one piece, without distances
AvoidClashes               hard
AvoidUnavailableTimes      hard or weighted
LimitIdleTimes, Cluster... of resources named in advance; time groups within a day, one for each day (LimitBusyTimes: any)
LimitWorkload              where it is kept by what is named in advance
=========================  ==========================================================================================

Everything else is listed by kind and count.

References: Post et al.: XHSTT (2014); Kingston: HSEval, High School Timetable Data Format Specification.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from generation.engine.model.problem import (
    ANY,
    ANY_MOST,
    BEFORE,
    BUSY_DAYS,
    BUSY_PERIODS,
    DAYS_APART,
    IDLE_PERIODS,
    UNPLACED,
    Csr,
    IntArray,
    Names,
    Problem,
    Weights,
)
from generation.engine.model.solution import Solution
from generation.formats import FormatError
from generation.formats.unsupported import LEFT_OUT, Unsupported
from generation.formats.xml_source import Reader, cells_check, shown, text_of, tree

ROOT = "HighSchoolTimetableArchive"
MAX_EVENTS = 6_000
MAX_DAYS = 31
MAX_PERIODS = 60  # of a day, as bits of a number
MAX_DURATION = 60
MAX_SPLIT = 24  # durations that are split; longer ones are taken as they are
MAX_SPREAD = 200  # lectures on different days, pair by pair
MAX_WEIGHT = 100_000
MANY = 1_000_000  # no limit
NO_ROOM = "(nobody)"
SHARED = 30_000
WEIGHTS = ("disliked_times", "preferred_rooms", "set_rule_preferred", "pair_preferred")
OF_RESOURCES = ("LimitIdleTimesConstraint", "ClusterBusyTimesConstraint", "LimitBusyTimesConstraint")


@dataclass(slots=True)
class XhsttEvent:
    id: str
    duration: int
    element: Element
    named: list[str]  # resources
    slots: list[tuple[str, str]]  # role and type of those to be chosen
    time: str = ""
    parts: list[int] = field(default_factory=list)
    groups: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class XhsttFile:
    """An archive with one instance."""

    file: str
    text: str
    root: Element
    instance: Element


def read(path: str | os.PathLike[str]) -> XhsttFile:
    """Read an archive; raises `FormatError` naming the element when it is not one with one instance."""
    return parse(text_of(path), file=PurePath(path).name)


def parse(text: str, *, file: str = "archive.xml") -> XhsttFile:
    root = tree(text, file=file)
    if root.tag != ROOT:
        raise FormatError(file, 0, "", f"the root element is <{root.tag[:40]}>; XHSTT archives have <{ROOT}>.")
    instances = root.findall("Instances/Instance")
    if len(instances) != 1:
        names = ", ".join(str(each.get("Id"))[:40] for each in instances[:10])
        raise FormatError(file, 0, "Instances", f"the archive has {len(instances)} instances ({names}); keep the one to be solved.")
    return XhsttFile(file, text, root, instances[0])


def to_problem(source: XhsttFile, *, allow_unsupported: bool = False) -> Problem:
    """The archive's problem.

    Raises
    ------
    UnsupportedError
        If the instance asks what cannot be kept, and nobody said to leave it out.
    """
    return _Assembly(source).problem(allow_unsupported=allow_unsupported)


class _Assembly:
    def __init__(self, source: XhsttFile) -> None:
        self.source, self.instance = source, source.instance
        self.reader, self.unsupported = Reader(source.file), Unsupported(source.file)
        self._times()
        self._resources()
        self._events()
        self.constraints = self.instance.findall("Constraints/*")
        for each in self.constraints:
            self._check_cost(each)
        self._split()
        self.sections = {event.id: number for number, event in enumerate(self.events.values())}
        counts = [len(event.parts) for event in self.events.values()]
        self.first_lecture = np.concatenate([[0], np.cumsum(counts)]).astype(int).tolist()
        self.lengths = [part for event in self.events.values() for part in event.parts]
        cells_check(source.file, len(self.lengths), self.num_slots, "lectures by times:")
        cells_check(source.file, len(self.events), len(self.choices) + 1, "events by resources that may be chosen:")
        cells_check(source.file, len(self.type_of), self.num_slots, "resources by times:")
        self.members: dict[str, list[str]] = defaultdict(list)  # events of each resource named in advance
        for event in self.events.values():
            for name in event.named:
                self.members[name].append(event.id)
        self.open = np.tile(self.is_time, (len(self.lengths), 1))
        self.clashing: set[str] | None = None  # resources that must not clash
        self.resource_open: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
        self.resource_cost: dict[str, IntArray] = {}
        self.section_cost = np.zeros((len(self.events), self.num_slots), dtype=np.int32)
        self.choice_cost = np.zeros((len(self.events), len(self.choices) + 1), dtype=np.int64)  # -1: never
        self.one_room = np.zeros(len(self.events), dtype=np.int32)
        self.pairs: dict[tuple[int, int, int, int], int] = {}
        self.joint: dict[tuple[int, int], None] = {}  # each pair once, however often the file says it
        self.rules: dict[tuple[tuple[int, ...], int, int, int, int, int, bytes], int] = {}

    # What the instance has.

    def _times(self) -> None:
        elements = self.instance.findall("Times/Time")
        if not elements:
            raise FormatError(self.source.file, 0, "Times", "there is no time.")
        days: dict[str, list[str]] = defaultdict(list)
        self.time_groups: dict[str, list[str]] = defaultdict(list)
        for element in elements:
            name = self.reader.attribute(element, "Id")
            day = element.find("Day")
            days["" if day is None else day.get("Reference", "")].append(name)
            groups = [*element.findall("TimeGroups/TimeGroup"), *element.findall("Day"), *element.findall("Week")]
            for group in dict.fromkeys(each.get("Reference", "") for each in groups):
                self.time_groups[group].append(name)
        self.periods = max(len(times) for times in days.values())
        if len(days) > MAX_DAYS or self.periods > MAX_PERIODS:
            message = f"{len(days)} days of up to {self.periods} times; {MAX_DAYS} days of {MAX_PERIODS} are the most that is read."
            raise FormatError(self.source.file, 0, "Times", message)
        self.days = list(days)
        self.num_slots = len(days) * self.periods
        self.slot_of = {name: d * self.periods + p for d, times in enumerate(days.values()) for p, name in enumerate(times)}
        if len(self.slot_of) != len(elements):
            raise FormatError(self.source.file, 0, "Times", "two times have one Id.")
        self.time_at = {slot: name for name, slot in self.slot_of.items()}
        self.is_time = np.isin(np.arange(self.num_slots), list(self.time_at))

    def _resources(self) -> None:
        self.type_of: dict[str, str] = {}
        self.resource_groups: dict[str, list[str]] = defaultdict(list)
        for element in self.instance.findall("Resources/Resource"):
            name = self.reader.attribute(element, "Id")
            kind = element.find("ResourceType")
            self.type_of[name] = "" if kind is None else kind.get("Reference", "")
            for group in element.findall("ResourceGroups/ResourceGroup"):
                self.resource_groups[group.get("Reference", "")].append(name)

    def _events(self) -> None:
        self.events: dict[str, XhsttEvent] = {}
        self.event_groups: dict[str, list[str]] = defaultdict(list)
        elements = self.instance.findall("Events/Event")
        if not 0 < len(elements) <= MAX_EVENTS:
            raise FormatError(self.source.file, 0, "Events", f"{len(elements)} events; 1 to {MAX_EVENTS:,} are read.")
        for element in elements:
            event = self._event(element)
            if event.id in self.events:
                raise self.reader.error(element, "Id", "it is given twice.")
            self.events[event.id] = event
            for group in event.groups:
                self.event_groups[group].append(event.id)
        chosen = {kind for event in self.events.values() for _, kind in event.slots}
        for event in self.events.values():
            if len(event.slots) + sum(self.type_of[name] in chosen for name in event.named) > 1:
                self.unsupported.add("event with several resources of the kinds that are chosen")
        self.choices = [name for name, kind in self.type_of.items() if kind in chosen]
        self.choice_index = {name: number for number, name in enumerate(self.choices)}

    def _event(self, element: Element) -> XhsttEvent:
        duration = element.find("Duration")
        if duration is None:
            raise self.reader.error(element, "Duration", "it is missing.")
        event = XhsttEvent(
            id=self.reader.attribute(element, "Id"),
            duration=self.reader.number(element, "Duration", (duration.text or "").strip(), 1, MAX_DURATION),
            element=element,
            named=[],
            slots=[],
        )
        for each in element.findall("Resources/Resource"):
            name = each.get("Reference")
            if name is None:
                kind = each.find("ResourceType")
                event.slots.append((_text(each, "Role"), "" if kind is None else kind.get("Reference", "")))
            elif name in self.type_of:
                event.named.append(name)
            else:
                raise self.reader.error(element, "Resource", f"there is no resource {shown(name)}.")
        for each in element.findall("Resources/ResourceGroup") + element.findall("ResourceGroups/ResourceGroup"):
            event.named += self.resource_groups.get(each.get("Reference", ""), [])
        event.named = list(dict.fromkeys(event.named))
        time = element.find("Time")
        event.time = "" if time is None else time.get("Reference", "")
        if event.time and event.time not in self.slot_of:
            raise self.reader.error(element, "Time", f"there is no time {shown(event.time)}.")
        groups = [*element.findall("EventGroups/EventGroup"), *element.findall("Course")]
        event.groups = {each.get("Reference", "") for each in groups}
        return event

    # Constraints: whom they concern, and what they cost.

    def _check_cost(self, element: Element) -> None:
        if not self.is_hard(element):
            self.reader.number(element, "Weight", _text(element, "Weight") or "1", 0, MAX_WEIGHT)

    def is_hard(self, element: Element) -> bool:
        return _text(element, "Required").lower() == "true"

    def factor(self, element: Element) -> int:
        """0 where it is hard, -1 where it costs nothing, -2 where its cost is not linear."""
        if self.is_hard(element):
            return 0
        weight = int(_text(element, "Weight") or "1")
        if weight == 0:
            return -1
        return weight if _text(element, "CostFunction") in ("", "Linear", "Sum") else -2

    def events_of(self, element: Element) -> list[list[str]]:
        """The events of each point of application: one of its own, or the group's together."""
        applies = element.find("AppliesTo")
        if applies is None:
            return []
        found = [[each.get("Reference", "")] for each in applies.findall("Events/Event")]
        found += [self.event_groups.get(each.get("Reference", ""), []) for each in applies.findall("EventGroups/EventGroup")]
        return [[name for name in names if name in self.events] for names in found if names]

    def single_events(self, element: Element) -> list[XhsttEvent]:
        return [self.events[name] for name in dict.fromkeys(name for names in self.events_of(element) for name in names)]

    def resources_of(self, element: Element) -> list[str]:
        applies = element.find("AppliesTo")
        if applies is None:
            return []
        names = [each.get("Reference", "") for each in applies.findall("Resources/Resource")]
        for group in applies.findall("ResourceGroups/ResourceGroup"):
            names += self.resource_groups.get(group.get("Reference", ""), [])
        return [name for name in dict.fromkeys(names) if name in self.type_of]

    def times_of(self, element: Element) -> list[int]:
        names = [each.get("Reference", "") for each in element.findall("Times/Time")]
        for group in element.findall("TimeGroups/TimeGroup"):
            names += self.time_groups.get(group.get("Reference", ""), [])
        return sorted({self.slot_of[name] for name in names if name in self.slot_of})

    def lectures(self, event: XhsttEvent) -> range:
        number = self.sections[event.id]
        return range(self.first_lecture[number], self.first_lecture[number + 1])

    def leave(self, element: Element, what: str = "", count: int = 1) -> None:
        kind = element.tag.removesuffix("Constraint")
        self.unsupported.add(f"{kind}{' ' if what else ''}{what}"[:120], count)

    def whole(self, element: Element, tag: str, default: int) -> int:
        text = _text(element, tag)
        return self.reader.number(element, tag, text, 0, MANY) if text else default

    # Splitting.

    def _split(self) -> None:
        """Each event's duration as the fewest parts that cost nothing."""
        limits: dict[str, list[Element]] = defaultdict(list)
        for element in self.constraints:
            if element.tag in ("SplitEventsConstraint", "DistributeSplitEventsConstraint") and self.factor(element) != -1:
                for event in self.single_events(element):
                    limits[event.id].append(element)
        known: dict[tuple[object, ...], list[int]] = {}
        for event in self.events.values():
            key = (event.duration, bool(event.time), *(id(each) for each in limits[event.id]))
            if key not in known:
                known[key] = self._parts(event, limits[event.id])
            event.parts = known[key]
            self.unsupported.add("SplitEvents of an event whose duration cannot be split without a cost", not event.parts)
            event.parts = event.parts or ([1] * event.duration if event.duration > self.periods else [event.duration])

    def _parts(self, event: XhsttEvent, limits: list[Element]) -> list[int]:
        if event.time or event.duration > MAX_SPLIT:
            return [event.duration]
        for number in range(1, event.duration + 1):
            for parts in _partitions(event.duration, number, self.periods):
                if all(self._is_allowed(parts, element) for element in limits):
                    return parts
        return []

    def _is_allowed(self, parts: list[int], element: Element) -> bool:
        if element.tag == "SplitEventsConstraint":
            low, high = self.whole(element, "MinimumDuration", 1), self.whole(element, "MaximumDuration", MANY)
            fewest, most = self.whole(element, "MinimumAmount", 1), self.whole(element, "MaximumAmount", MANY)
            return all(low <= part <= high for part in parts) and fewest <= len(parts) <= most
        amount = parts.count(self.whole(element, "Duration", 1))
        return self.whole(element, "Minimum", 0) <= amount <= self.whole(element, "Maximum", MANY)

    # One function for each kind of constraint.

    def _apply(self) -> None:
        handlers = {
            "AssignResourceConstraint": self._assign_resource,
            "PreferTimesConstraint": self._prefer_times,
            "PreferResourcesConstraint": self._prefer_resources,
            "AvoidSplitAssignmentsConstraint": self._avoid_split,
            "SpreadEventsConstraint": self._spread,
            "LinkEventsConstraint": self._link,
            "OrderEventsConstraint": self._order,
            "AvoidClashesConstraint": self._avoid_clashes,
            "AvoidUnavailableTimesConstraint": self._avoid_unavailable,
            "LimitWorkloadConstraint": self._limit_workload,
            **dict.fromkeys(OF_RESOURCES, self._limit_times),
        }
        kept_elsewhere = ("AssignTimeConstraint", "SplitEventsConstraint", "DistributeSplitEventsConstraint")
        assigned = {event.id for each in self.constraints if each.tag == "AssignTimeConstraint" for event in self.single_events(each)}
        self.unsupported.add("event that needs no time", sum(not event.time and event.id not in assigned for event in self.events.values()))
        for element in self.constraints:
            if self.factor(element) == -1 or element.tag in kept_elsewhere:
                continue
            if self.factor(element) == -2 and element.tag != "AvoidClashesConstraint":
                self.leave(element, f"with a cost that is {_text(element, 'CostFunction')[:20]}")
            elif element.tag in handlers:
                handlers[element.tag](element)
            else:
                self.leave(element)

    def _of_role(self, element: Element) -> Iterator[tuple[int, XhsttEvent]]:
        """The events of the constraint that have its role to be filled."""
        role = _text(element, "Role")
        for event in self.single_events(element):
            if any(each == role for each, _ in event.slots):
                yield self.sections[event.id], event

    def _choice_price(self, element: Element, event: XhsttEvent) -> int:
        """What one lecture of the event costs without the right resource: its duration; 0 where it must have one, -1 where they differ."""
        factor = self.factor(element)
        if factor == 0:
            return 0
        return factor * event.parts[0] if len(set(event.parts)) == 1 else -1

    def _assign_resource(self, element: Element) -> None:
        for number, event in self._of_role(element):
            price = self._choice_price(element, event)
            if price < 0:
                self.leave(element, "of lectures of different lengths")
            else:
                self._choice_costs(number, [len(self.choices)], price)

    def _prefer_resources(self, element: Element) -> None:
        names = {each.get("Reference", "") for each in element.findall("Resources/Resource")}
        for group in element.findall("ResourceGroups/ResourceGroup"):
            names |= set(self.resource_groups.get(group.get("Reference", ""), []))
        others = [number for name, number in self.choice_index.items() if name not in names]
        for number, event in self._of_role(element):
            price = self._choice_price(element, event)
            if price < 0:
                self.leave(element, "of lectures of different lengths")
            else:
                self._choice_costs(number, others, price)

    def _choice_costs(self, number: int, choices: list[int], price: int) -> None:
        row = self.choice_cost[number]
        for choice in choices:
            row[choice] = -1 if price == 0 or row[choice] < 0 else row[choice] + price

    def _prefer_times(self, element: Element) -> None:
        slots, factor = self.times_of(element), self.factor(element)
        duration = self.whole(element, "Duration", 0)
        for event in self.single_events(element):
            concerned = [each for each in self.lectures(event) if duration in (0, self.lengths[each])]
            other = np.setdiff1d(np.arange(self.num_slots), slots)
            if factor == 0:
                self.open[np.array(concerned, dtype=np.int64)[:, None], other] = False
            elif concerned and set(event.parts) == {1}:
                self.section_cost[self.sections[event.id], other] += factor
            elif concerned:
                self.leave(element, "weighted, of lectures of several periods")

    def _avoid_split(self, element: Element) -> None:
        for names in self.events_of(element):
            if self.factor(element) == 0 and len(names) == 1:
                self.one_room[self.sections[names[0]]] = 1
            else:
                self.leave(element, "weighted, or of several events")

    def _spread(self, element: Element) -> None:
        bounds = [
            (self._group_slots(each), self.whole(each, "Minimum", 0), self.whole(each, "Maximum", MANY))
            for each in element.findall("TimeGroups/TimeGroup")
        ]
        for names in self.events_of(element):
            events = [self.events[name] for name in names]
            lectures = [each for event in events for each in self.lectures(event)]
            members = tuple(sorted({self.sections[name] for name in names}))
            if all(set(event.parts) == {1} for event in events) and self._share_resource(events):
                for slots, low, high in bounds:
                    if low or high < len(lectures):
                        self._rule(members, BUSY_PERIODS, 0, low, high, slots, counts_empty=True, factor=self.factor(element))
            elif self.factor(element) == 0 and len(lectures) <= MAX_SPREAD and self._are_whole_days(bounds):
                for number, a in enumerate(lectures):
                    for b in lectures[number + 1 :]:
                        self.pairs[a, b, DAYS_APART, 1] = 0
            else:
                self.leave(element, "of lectures of several periods")

    def _group_slots(self, element: Element) -> list[int]:
        return sorted(self.slot_of[name] for name in self.time_groups.get(element.get("Reference", ""), []))

    def _share_resource(self, events: list[XhsttEvent]) -> bool:
        """Whether the events can not be held at once, so that busy periods are lectures."""
        if len(events) == 1:
            return True
        common = set.intersection(*(set(event.named) for event in events))
        return bool(common & self._hard_clashing())

    def _are_whole_days(self, bounds: list[tuple[list[int], int, int]]) -> bool:
        days = [[slot for slot in self.time_at if slot // self.periods == day] for day in range(len(self.days))]
        given = sorted(tuple(slots) for slots, _, _ in bounds)
        return given == sorted(tuple(sorted(day)) for day in days) and all(low == 0 and high == 1 for _, low, high in bounds)

    def _link(self, element: Element) -> None:
        for names in self.events_of(element):
            events = [self.events[name] for name in names]
            if self.factor(element) != 0 or len({tuple(event.parts) for event in events}) > 1:
                self.leave(element, "weighted, or of events that are split differently")
                continue
            for one, other in pairwise(events):
                self.joint |= dict.fromkeys(zip(self.lectures(one), self.lectures(other), strict=True))

    def _order(self, element: Element) -> None:
        for pair in element.findall("AppliesTo/EventPairs/EventPair"):
            names = [each.get("Reference", "") for tag in ("FirstEvent", "SecondEvent") for each in pair.findall(tag)]
            events = [self.events[name] for name in names if name in self.events]
            is_plain = self.whole(pair, "MinSeparation", 0) == 0 and self.whole(pair, "MaxSeparation", MANY) >= self.num_slots
            if self.factor(element) != 0 or len(events) != 2 or not is_plain or any(len(event.parts) != 1 for event in events):
                self.leave(element, "weighted, with distances, or of split events")
                continue
            self.pairs[self.lectures(events[0])[0], self.lectures(events[1])[0], BEFORE, 0] = 0

    def _hard_clashing(self) -> set[str]:
        if self.clashing is None:
            hard = [each for each in self.constraints if each.tag == "AvoidClashesConstraint" and self.is_hard(each)]
            self.clashing = {name for element in hard for name in self.resources_of(element)}
        return self.clashing

    def _avoid_clashes(self, element: Element) -> None:
        if self.factor(element) != 0:
            soft = [name for name in self.resources_of(element) if name not in self._hard_clashing()]
            self.leave(element, "that is weighted", len(soft))

    def _avoid_unavailable(self, element: Element) -> None:
        slots, factor = self.times_of(element), self.factor(element)
        for name in self.resources_of(element):
            if name in self.choice_index and factor:
                self.leave(element, "weighted, of a resource that is chosen")
            elif factor == 0:
                self.resource_open.setdefault(name, np.ones(self.num_slots, dtype=np.bool_))[slots] = False
            else:
                self.resource_cost.setdefault(name, np.zeros(self.num_slots, dtype=np.int32))[slots] += factor

    def _limit_times(self, element: Element) -> None:
        groups = [self._group_slots(each) for each in element.findall("TimeGroups/TimeGroup")]
        low, high, factor = self.whole(element, "Minimum", 0), self.whole(element, "Maximum", MANY), self.factor(element)
        days = [{slot // self.periods for slot in slots} for slots in groups if slots]
        is_daily = all(len(each) == 1 for each in days) and len(set.union(set(), *days)) == len(days)
        everything = sorted(slot for slots in groups for slot in slots)
        for name in self.resources_of(element):
            members = tuple(self.sections[event] for event in self.members[name])
            if name in self.choice_index:
                self.leave(element, "of a resource that is chosen")
            elif not members:
                continue
            elif element.tag == "LimitBusyTimesConstraint":
                for slots in [everything] if is_daily else groups:
                    self._rule(members, BUSY_PERIODS, 1 if is_daily else 0, low, high, slots, counts_empty=False, factor=factor)
            elif not is_daily:
                self.leave(element, "with time groups that are not within a day each")
            elif element.tag == "LimitIdleTimesConstraint":
                self._rule(members, IDLE_PERIODS, 0, low, high, everything, counts_empty=True, factor=factor)
            else:
                self._rule(members, BUSY_DAYS, 0, low, high, everything, counts_empty=True, factor=factor)

    def _rule(
        self, members: tuple[int, ...], measure: int, block: int, low: int, high: int, slots: list[int], *, counts_empty: bool, factor: int
    ) -> None:
        looks = np.zeros(self.num_slots, dtype=np.bool_)
        looks[slots] = True
        key = (members, measure, block, low, ANY_MOST if high >= MANY else high, int(counts_empty), looks.tobytes())
        earlier = self.rules.get(key)
        self.rules[key] = 0 if factor == 0 or earlier == 0 else (earlier or 0) + factor

    def _limit_workload(self, element: Element) -> None:
        low, high = self.whole(element, "Minimum", 0), self.whole(element, "Maximum", MANY)
        has_own = (
            self.instance.find("Events/Event/Workload") is not None
            or self.instance.find("Events/Event/Resources/Resource/Workload") is not None
        )
        for name in self.resources_of(element):
            load = sum(self.events[event].duration for event in self.members[name])
            if name in self.choice_index or has_own or not low <= load <= high:
                self.leave(element, "that what is named in advance does not settle")

    # The problem.

    def problem(self, *, allow_unsupported: bool) -> Problem:
        self._apply()
        events, num_slots = list(self.events.values()), self.num_slots
        people = [name for name in self.type_of if name in self._hard_clashing() and name not in self.choice_index]
        self.unsupported.add("resource that may clash", sum(name not in self._hard_clashing() for name in self.members))
        person_index = {name: number for number, name in enumerate(people)}
        has, needs = self._choices(events)
        lecture_section = np.repeat(np.arange(len(events)), [len(event.parts) for event in events])
        section_open = np.tile(self.is_time, (len(events), 1))
        for number, event in enumerate(events):
            for name in event.named:
                if name not in person_index:
                    section_open[number] &= self.resource_open.get(name, self.is_time | True)
                    self.section_cost[number] += self.resource_cost.get(name, 0)
        pins = np.array([self.slot_of[event.time] if event.time else UNPLACED for event in events for _ in event.parts], dtype=np.int32)
        blocked = np.argwhere(~self.open & (pins < 0)[:, None]).astype(np.int32).reshape(-1, 2)
        sets: dict[tuple[int, ...], int] = {}
        looks: dict[bytes, int] = {}
        rows = [
            (sets.setdefault(members, len(sets)), measure, block, low, high, empty, looks.setdefault(seen, len(looks)), factor)
            for (members, measure, block, low, high, empty, seen), factor in self.rules.items()
        ]
        left_out = self.unsupported.check(allow=allow_unsupported)
        num_rooms, zero = len(self.choices) + 1, np.zeros(len(people), dtype=np.int32)
        open_of = [self.resource_open.get(name, np.ones(num_slots, dtype=np.bool_)) for name in (*people, *self.choices)]
        cost_of = [self.resource_cost.get(name, np.zeros(num_slots, dtype=np.int32)) for name in people]
        return Problem(
            name=str(self.instance.get("Id", self.source.file)),
            num_days=len(self.days),
            periods_per_day=self.periods,
            names=self._names(events, people, has.shape[1]),
            weights=Weights(**{name: int(name in WEIGHTS) for name in Weights().as_dict()}),
            lecture_section=lecture_section.astype(np.int32),
            lecture_length=np.array(self.lengths, dtype=np.int32),
            lecture_room_kind=np.full(len(lecture_section), ANY, dtype=np.int32),
            lecture_features=needs[lecture_section],
            lecture_pin_slot=pins,
            lecture_pin_room=np.full(len(lecture_section), UNPLACED, dtype=np.int32),
            section_size=np.zeros(len(events), dtype=np.int32),
            section_min_days=np.zeros(len(events), dtype=np.int32),
            section_available=section_open,
            section_building=np.full(len(events), ANY, dtype=np.int32),
            section_instructors=Csr.of([[person_index[name] for name in event.named if name in person_index] for event in events]),
            section_curricula=Csr.of([[] for _ in events]),
            section_cluster_hint=np.full(len(events), -1, dtype=np.int32),
            room_capacity=np.zeros(num_rooms, dtype=np.int32),
            room_kind=np.zeros(num_rooms, dtype=np.int32),
            room_features=has,
            room_building=np.full(num_rooms, ANY, dtype=np.int32),
            room_available=np.array([*open_of[len(people) :], np.ones(num_slots, dtype=np.bool_)]).reshape(num_rooms, num_slots),
            instructor_available=np.array(open_of[: len(people)], dtype=np.bool_).reshape(len(people), num_slots),
            instructor_dislike=np.array(cost_of, dtype=np.int32).reshape(len(people), num_slots),
            instructor_max_daily=zero,
            instructor_max_weekly=zero,
            instructor_max_consecutive=zero,
            student_sections=Csr.of([]),
            no_overlap=_table([], 2),
            same_start=_table(list(self.joint), 2),
            break_after=np.zeros(self.periods, dtype=np.bool_),
            lunch_window=np.zeros(self.periods, dtype=np.bool_),
            capacity_is_hard=False,
            same_start_is_hard=True,
            blocked_starts=blocked,
            section_dislike=self.section_cost if self.section_cost.any() else np.zeros((0, 0), dtype=np.int32),
            preferred_rooms=self._ranks(),
            room_sharing=np.array([*(1 if name in self._hard_clashing() else SHARED for name in self.choices), SHARED], dtype=np.int32),
            lecture_pairs=_table([(*row, factor) for row, factor in self.pairs.items()], 5),
            section_one_room=self.one_room,
            rule_sets=Csr.of(list(sets)),
            set_rules=_table(rows, 8),
            rule_slots=np.array([np.frombuffer(seen, dtype=np.bool_) for seen in looks], dtype=np.bool_).reshape(
                len(looks), num_slots if looks else 0
            ),
            source={
                "format": "xhstt",
                "name": str(self.instance.get("Id", "")),
                "file": self.source.file,
                "text": self.source.text,
                "times": [self.time_at.get(slot, "") for slot in range(num_slots)],
                **({LEFT_OUT: left_out} if left_out else {}),
            },
        )

    def _choices(
        self, events: list[XhsttEvent]
    ) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.bool_]], np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
        """Who may be chosen for each event, as a feature: ``[choice, feature]`` and ``[event, feature]``; the last choice is nobody."""
        found: dict[tuple[int, ...], int] = {}
        owner = []
        for number, event in enumerate(events):
            own = [self.choice_index[name] for name in event.named if name in self.choice_index]
            if own:
                allowed: tuple[int, ...] = (own[0],)
            elif event.slots:
                kind = event.slots[0][1]
                of_kind = [choice for name, choice in self.choice_index.items() if self.type_of[name] == kind]
                allowed = tuple(choice for choice in [*of_kind, len(self.choices)] if self.choice_cost[number, choice] >= 0)
            else:
                allowed = (len(self.choices),)
            owner.append(found.setdefault(allowed, len(found)))
        has = np.zeros((len(self.choices) + 1, len(found)), dtype=np.bool_)
        for allowed, feature in found.items():
            has[list(allowed), feature] = True
        return has, np.array(owner)[:, None] == np.arange(len(found))[None, :]

    def _ranks(self) -> IntArray:
        rows = []
        for number in np.flatnonzero((self.choice_cost > 0).any(axis=1)).tolist():
            rows += [(number, choice, max(0, int(cost))) for choice, cost in enumerate(self.choice_cost[number].tolist())]
        return _table(rows, 3)

    def _names(self, events: list[XhsttEvent], people: list[str], features: int) -> Names:
        return Names(
            sections=tuple(event.id for event in events),
            courses=tuple(event.id for event in events),
            titles=tuple(_text(event.element, "Name") or event.id for event in events),
            rooms=(*self.choices, NO_ROOM),
            instructors=tuple(people),
            curricula=(),
            features=tuple(f"choice {number}" for number in range(1, features + 1)),
            days=tuple(self.days),
            periods=tuple(str(period) for period in range(1, self.periods + 1)),
        )


def _text(element: Element, tag: str) -> str:
    found = element.find(tag)
    return "" if found is None else (found.text or "").strip()


def _partitions(duration: int, number: int, most: int) -> Iterator[list[int]]:
    """The ways to write a duration as so many parts, the largest parts first."""
    if number == 0:
        if duration == 0:
            yield []
        return
    for part in range(min(most, duration - number + 1), 0, -1):
        if part * number < duration:
            return
        for rest in _partitions(duration - part, number - 1, part):
            yield [part, *rest]


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> IntArray:
    found: IntArray = np.array(rows, dtype=np.int32).reshape(-1, columns)
    return found


def write_solution(problem: Problem, solution: Solution) -> str:
    """The archive with the instance and a solution group of one solution: every placed lecture as an event with its time and resource."""
    source = parse(str(problem.source["text"]), file=str(problem.source["file"]))
    times = problem.source["times"]
    assert isinstance(times, list)
    archive = Element(ROOT, source.root.attrib)
    SubElement(archive, "Instances").append(deepcopy(source.instance))
    group = SubElement(SubElement(archive, "SolutionGroups"), "SolutionGroup", Id="Timeloom")
    about = SubElement(group, "MetaData")
    SubElement(about, "Contributor").text = "Timeloom"
    SubElement(about, "Date").text = _text(source.instance, "MetaData/Date")
    SubElement(about, "Description").text = "Made by Timeloom"
    events = SubElement(SubElement(group, "Solution", Reference=str(source.instance.get("Id", ""))), "Events")
    slots = {each.get("Id", ""): each for each in source.instance.findall("Events/Event")}
    for lecture, section in enumerate(problem.lecture_section.tolist()):
        slot, room = int(solution.slot[lecture]), int(solution.room[lecture])
        if slot >= 0 and room >= 0:
            name = problem.names.sections[section]
            event = SubElement(events, "Event", Reference=name)
            SubElement(event, "Duration").text = str(int(problem.lecture_length[lecture]))
            SubElement(event, "Time", Reference=str(times[slot]))
            open_roles = [each for each in slots[name].findall("Resources/Resource") if each.get("Reference") is None]
            if open_roles and room < problem.num_rooms - 1:
                chosen = SubElement(SubElement(event, "Resources"), "Resource", Reference=problem.names.rooms[room])
                SubElement(chosen, "Role").text = _text(open_roles[0], "Role")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(archive, encoding="unicode") + "\n"
