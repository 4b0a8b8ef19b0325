"""What a solution of an XHSTT archive costs, by the definitions of HSEval's specification; without the engine.

Hard and soft are sums of weight times cost over all constraints; linear costs only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from xml.etree import ElementTree


def check(text: str) -> tuple[int, int]:
    """Hard and soft cost of the archive's first solution of its first instance."""
    checker = Checker(text)
    totals = [0, 0]
    for element in checker.instance.find("Constraints"):
        cost = sum(checker.deviations(element)) * int(element.findtext("Weight", "1"))
        totals[element.findtext("Required") != "true"] += cost
    return totals[0], totals[1]


class Checker:
    def __init__(self, text: str) -> None:
        root = ElementTree.fromstring(text)
        self.instance = root.find("Instances/Instance")
        self.times = [each.get("Id") for each in self.instance.findall("Times/Time")]
        self.order = {name: place for place, name in enumerate(self.times)}
        self.time_groups: dict[str, list[str]] = defaultdict(list)
        for each in self.instance.findall("Times/Time"):
            for group in [*each.findall("Day"), *each.findall("TimeGroups/TimeGroup")]:
                self.time_groups[group.get("Reference")].append(each.get("Id"))
        self.resource_groups: dict[str, list[str]] = defaultdict(list)
        for each in self.instance.findall("Resources/Resource"):
            for group in each.findall("ResourceGroups/ResourceGroup"):
                self.resource_groups[group.get("Reference")].append(each.get("Id"))
        self.events = {each.get("Id"): each for each in self.instance.findall("Events/Event")}
        self.event_groups: dict[str, list[str]] = defaultdict(list)
        for name, each in self.events.items():
            for group in [*each.findall("EventGroups/EventGroup"), *each.findall("Course")]:
                self.event_groups[group.get("Reference")].append(name)
        self.meets: dict[str, list[tuple[int, str, dict[str, str]]]] = defaultdict(list)  # duration, time, resource by role
        self.busy: dict[str, Counter[str]] = defaultdict(Counter)  # resource: meets at each time
        for meet in root.find("SolutionGroups/SolutionGroup/Solution/Events"):
            self._meet(meet)

    def _meet(self, meet: ElementTree.Element) -> None:
        event = self.events[meet.get("Reference")]
        duration = int(meet.findtext("Duration") or event.findtext("Duration"))
        time = meet.find("Time").get("Reference")
        roles = {each.findtext("Role"): each.get("Reference") for each in meet.findall("Resources/Resource")}
        self.meets[meet.get("Reference")].append((duration, time, roles))
        named = [each.get("Reference") for each in event.findall("Resources/Resource") if each.get("Reference")]
        for resource in {*named, *roles.values()}:
            for each in self.times[self.order[time] : self.order[time] + duration]:
                self.busy[resource][each] += 1

    def groups(self, element: ElementTree.Element, path: str) -> list[list[str]]:
        return [self.time_groups[each.get("Reference")] for each in element.findall(path)]

    def chosen(self, element: ElementTree.Element, kind: str, known: dict[str, list[str]]) -> list[str]:
        names = [each.get("Reference") for each in element.findall(f"{kind}s/{kind}")]
        for group in element.findall(f"{kind}Groups/{kind}Group"):
            names += known[group.get("Reference")]
        return list(dict.fromkeys(names))

    def outside(self, element: ElementTree.Element, value: int) -> int:
        return max(0, int(element.findtext("Minimum", "0")) - value, value - int(element.findtext("Maximum", "1000000")))

    def deviations(self, element: ElementTree.Element) -> list[int]:
        applies = element.find("AppliesTo")
        events = self.chosen(applies, "Event", self.event_groups)
        resources = self.chosen(applies, "Resource", self.resource_groups)
        kind = element.tag.removesuffix("Constraint")
        role = element.findtext("Role")
        if kind == "AssignTime":
            return [int(self.events[name].findtext("Duration")) - sum(meet[0] for meet in self.meets[name]) for name in events]
        if kind == "AssignResource":
            return [sum(duration for duration, _, roles in self.meets[name] if role not in roles) for name in events]
        if kind == "PreferResources":
            good = self.chosen(element, "Resource", self.resource_groups)
            return [sum(d for d, _, roles in self.meets[name] if role in roles and roles[role] not in good) for name in events]
        if kind == "PreferTimes":
            good = self.chosen(element, "Time", self.time_groups)
            only = int(element.findtext("Duration", "0"))
            return [sum(d for d, time, _ in self.meets[name] if time not in good and only in (0, d)) for name in events]
        if kind == "SplitEvents":
            return [self._split(element, [meet[0] for meet in self.meets[name]]) for name in events]
        if kind == "DistributeSplitEvents":
            return [self.outside(element, [m[0] for m in self.meets[name]].count(int(element.findtext("Duration")))) for name in events]
        if kind == "SpreadEvents":
            return self._spread(element, applies)
        if kind == "LinkEvents":
            return [self._link(self.event_groups[each.get("Reference")]) for each in applies.findall("EventGroups/EventGroup")]
        if kind == "OrderEvents":
            return [self._order(each) for each in applies.findall("EventPairs/EventPair")]
        if kind == "AvoidSplitAssignments":
            return [
                max(0, len({m[2][role] for name in self.event_groups[each.get("Reference")] for m in self.meets[name] if role in m[2]}) - 1)
                for each in applies.findall("EventGroups/EventGroup")
            ]
        if kind == "AvoidClashes":
            return [sum(number - 1 for number in self.busy[name].values()) for name in resources]
        if kind == "AvoidUnavailableTimes":
            bad = self.chosen(element, "Time", self.time_groups)
            return [sum(time in bad for time in self.busy[name]) for name in resources]
        return [self._limit(kind, element, name) for name in resources]

    def _split(self, element: ElementTree.Element, parts: list[int]) -> int:
        low, high = int(element.findtext("MinimumDuration")), int(element.findtext("MaximumDuration"))
        fewest, most = int(element.findtext("MinimumAmount")), int(element.findtext("MaximumAmount"))
        return sum(not low <= part <= high for part in parts) + max(0, fewest - len(parts), len(parts) - most)

    def _spread(self, element: ElementTree.Element, applies: ElementTree.Element) -> list[int]:
        found = []
        for group in applies.findall("EventGroups/EventGroup"):
            starts = [meet[1] for name in self.event_groups[group.get("Reference")] for meet in self.meets[name]]
            found.append(
                sum(
                    self.outside(bounds, sum(time in self.time_groups[bounds.get("Reference")] for time in starts))
                    for bounds in element.findall("TimeGroups/TimeGroup")
                )
            )
        return found

    def _link(self, names: list[str]) -> int:
        taken = [{time for d, start, _ in self.meets[name] for time in self.times[self.order[start] :][:d]} for name in names]
        return len(set.union(*taken) - set.intersection(*taken))

    def _order(self, pair: ElementTree.Element) -> int:
        first, second = (pair.find(tag).get("Reference") for tag in ("FirstEvent", "SecondEvent"))
        ends = max(self.order[start] + duration for duration, start, _ in self.meets[first])
        return max(0, ends - min(self.order[start] for _, start, _ in self.meets[second]))

    def _limit(self, kind: str, element: ElementTree.Element, name: str) -> int:
        groups = self.groups(element, "TimeGroups/TimeGroup")
        busy = [[place for place, time in enumerate(group) if self.busy[name][time]] for group in groups]
        if kind == "LimitIdleTimes":
            return self.outside(element, sum(places[-1] - places[0] + 1 - len(places) for places in busy if places))
        if kind == "ClusterBusyTimes":
            return self.outside(element, sum(bool(places) for places in busy))
        if kind == "LimitBusyTimes":
            return sum(self.outside(element, len(places)) for places in busy if places)
        raise NotImplementedError(kind)
