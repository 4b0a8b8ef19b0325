"""No sequence of calls by any roles passes a gate.

Hypothesis calls the REST interface as everybody who might, edits variants behind the reviewers' backs, writes and withdraws waivers, and
turns the rule of two people on and off. A plain model beside it says what each call may do; the database has to agree after every one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from generation.errors import Refusal
from generation.models import GenerationJob, Variant, Workflow
from generation.review.waivers import waiver_make
from tests.factories import OrganizationFactory, member, review_job
from tests.factories.generation import conflict

pytestmark = pytest.mark.django_db

PEOPLE = ("registrar", "colleague", "reviewer", "viewer", "stranger", "nobody")
ROLE = {"registrar": "admin", "colleague": "admin", "reviewer": "reviewer", "viewer": "viewer"}
RULES = ("room_clash", "unplaced")
BREACHES = ({}, {}, {}, {"room_clash": 1}, {"room_clash": 2, "unplaced": 1}, {"unplaced": 2})
someone = st.sampled_from(("registrar", "colleague", "reviewer", *PEOPLE))  # those who may most more often
which = st.sampled_from((0, 0, 0, 1))


@dataclass
class Given:
    """A waiver as the model knows it."""

    id: int
    variant: int
    revision: int
    constraint: str
    amount: int
    maker: str
    is_withdrawn: bool = False


@dataclass
class Told:
    """A job's workflow as it must be."""

    status: str = "draft"
    variant: int | None = None
    revision: int = 0
    forwarder: str = ""
    revisions: list[int] = field(default_factory=lambda: [0, 0])
    breaches: list[dict[str, int]] = field(default_factory=lambda: [{}, {}])
    waivers: list[Given] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    first_days: list[int | None] = field(default_factory=lambda: [0, 1])  # by variant: where the one lecture stands that edits move
    forwarded: tuple[int, int | None] | None = None  # a variant's places when it was put forward
    history: list[tuple[str, str, str]] = field(default_factory=list)  # who, action, status after

    @property
    def is_changed(self) -> bool:
        return self.variant is not None and self.revisions[self.variant] != self.revision

    def is_as_rejected(self, number: int) -> bool:
        return self.status == "rejected" and self.forwarded == (number, self.first_days[number])

    def in_force(self) -> list[Given]:
        return [each for each in self.waivers if not each.is_withdrawn and (each.variant, each.revision) == (self.variant, self.revision)]

    def is_covered(self, ids: set[int]) -> bool:
        covered: Counter[str] = Counter()
        for each in self.in_force():
            covered[each.constraint] += each.amount if each.id in ids else 0
        return all(amount <= covered[name] for name, amount in self.breaches[self.variant or 0].items())

    def step(self, who: str, action: str, status: str) -> None:
        self.status = status
        self.history.append((who, action, status))


class Review(RuleBasedStateMachine):
    """Two timetables of one term, two variants each, and six people."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        first: GenerationJob = review_job(num_variants=2, workflow="draft")
        self.organization = first.organization
        self.jobs = [first, review_job(num_variants=2, workflow="draft", organization=first.organization, term=first.term)]
        self.told = [Told(), Told()]
        self.is_two = False
        self.clients = {name: APIClient() for name in PEOPLE}
        self.users = {name: member(self.organization, role) for name, role in ROLE.items()}
        self.users["stranger"] = member(OrganizationFactory(), "admin")
        for name, user in self.users.items():
            self.clients[name].force_authenticate(user)
        self.names = {user.pk: name for name, user in self.users.items()}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def post(self, who: str, address: str, body: dict[str, Any] | None = None) -> Any:
        return self.clients[who].post(f"/api/timetable/{address}", body or {}, format="json")

    def barred(self, who: str, *roles: str) -> int | None:
        """The status for whoever has no business there."""
        if who not in ROLE:
            return 401 if who == "nobody" else 404
        return None if ROLE[who] in roles else 403

    @rule(who=someone, at=which, number=which, answer=st.sampled_from(("", "Look again.")))
    def select(self, who: str, at: int, number: int, answer: str = "Look again.") -> None:
        told, job = self.told[at], self.jobs[at]
        is_open = told.status in ("draft", "rejected") and (bool(answer) or not told.is_as_rejected(number))
        is_again = told.variant == number and told.is_changed and told.status in ("in_review", "approved")
        is_repeated = told.variant == number and told.status == "in_review" and not told.is_changed
        answer = self.post(who, f"variants/{job.variants.get(index=number).pk}/select/", {"comments": answer})
        expected = self.barred(who, "admin") or (200 if is_open or is_again or is_repeated else 409)
        assert answer.status_code == expected
        if expected == 200 and not is_repeated:
            told.variant, told.revision, told.forwarder = number, told.revisions[number], who
            told.forwarded = (number, told.first_days[number])
            told.step(who, "select", "in_review")

    @rule(who=someone, at=which, share=st.sampled_from(("all", "all", "none", "first")), seen=st.sampled_from(("now", "unsaid", "earlier")))
    def approve(self, who: str, at: int, share: str, seen: str) -> None:
        told, job = self.told[at], self.jobs[at]
        ids = {each.id for each in told.waivers[: {"all": None, "none": 0, "first": 1}[share]]}
        body: dict[str, Any] = {"waivers": sorted(ids)}
        if seen != "unsaid":
            body["revision"] = told.revision + (seen == "earlier")
        used = [each for each in told.in_force() if each.id in ids] if told.variant is not None else []
        is_fair = not self.is_two or (told.forwarder != who and not (self.breaks(told) and any(each.maker == who for each in used)))
        is_good = told.status == "in_review" and not told.is_changed and seen != "earlier" and told.is_covered(ids) and is_fair
        answer = self.post(who, f"workflows/{job.pk}/approve/", body)
        expected = self.barred(who, "admin", "reviewer") or (200 if is_good else 409)
        assert answer.status_code == expected, answer.json()
        if expected == 200:
            told.confirmed = ids
            told.step(who, "approve", "approved")

    @rule(who=someone, at=which, comment=st.sampled_from(("", "Too late in the day.")))
    def reject(self, who: str, at: int, comment: str) -> None:
        told = self.told[at]
        answer = self.post(who, f"workflows/{self.jobs[at].pk}/reject/", {"comments": comment})
        barred = self.barred(who, "admin", "reviewer")
        expected = barred or (400 if not comment else 200 if told.status == "in_review" else 409)
        assert answer.status_code == expected
        if expected == 200:
            told.step(who, "reject", "rejected")

    @rule(who=someone, at=which)
    def publish(self, who: str, at: int) -> None:
        told, other = self.told[at], self.told[1 - at]
        is_good = told.status == "approved" and not told.is_changed and told.is_covered(told.confirmed)
        answer = self.post(who, f"workflows/{self.jobs[at].pk}/publish/")
        expected = self.barred(who, "admin") or (200 if is_good else 409)
        assert answer.status_code == expected, answer.json()
        if expected == 200:
            told.step(who, "publish", "published")
            if other.status == "published":
                other.step(who, "archive", "archived")

    @rule(who=someone, at=which, constraint=st.sampled_from(RULES), amount=st.integers(1, 2))
    def waive(self, who: str, at: int, constraint: str, amount: int) -> None:
        told = self.told[at]
        body = {"constraint": constraint, "amount": amount, "owner": "Dean Nowak", "reason": "The hall is rebuilt."}
        answer = self.post(who, f"workflows/{self.jobs[at].pk}/waivers/", body)
        expected = self.barred(who, "admin", "reviewer")
        if expected is None:
            given = sum(each.amount for each in told.in_force() if each.constraint == constraint)
            left = self.breaks(told).get(constraint, 0) - given
            expected = 409 if told.status != "in_review" or told.is_changed else 201 if amount <= left else 400
        assert answer.status_code == expected, answer.json()
        if expected == 201:
            assert told.variant is not None
            told.waivers.append(Given(answer.json()["id"], told.variant, told.revision, constraint, amount, who))
            told.step(who, "waive", told.status)

    @rule(who=someone, at=which)
    def withdraw(self, who: str, at: int) -> None:
        told = self.told[at]
        if not told.waivers:
            return
        waiver = told.waivers[-1]
        answer = self.post(who, f"workflows/{self.jobs[at].pk}/waivers/{waiver.id}/withdraw/")
        is_good = told.status == "in_review" and not waiver.is_withdrawn
        expected = self.barred(who, "admin", "reviewer") or (200 if is_good else 409)
        assert answer.status_code == expected, answer.json()
        if expected == 200:
            waiver.is_withdrawn = True
            told.step(who, "withdraw", told.status)

    @rule(at=which, number=which, breaches=st.sampled_from(BREACHES), is_told=st.booleans())
    def edit(self, at: int, number: int, breaches: dict[str, int], is_told: bool) -> None:
        """Behind everybody's back, whatever the state; a lecture may lose its place without the figures saying so."""
        variant = self.jobs[at].variants.get(index=number)
        told = self.told[at]
        told.revisions[number] += 1
        told.breaches[number] = breaches
        rows = [conflict(name, amount, is_hard=True) for name, amount in breaches.items() if is_told or name != "unplaced"]
        hard = sum(row["amount"] for row in rows)
        Variant.objects.filter(pk=variant.pk).update(revision=told.revisions[number], hard=hard, conflicts=rows)
        periods = breaches.get("unplaced", 0)
        told.first_days[number] = None if periods else 0
        variant.entries.filter(lecture=0).update(day=None if periods else 0, length=max(1, periods))

    @rule(at=which)
    def go_on(self, at: int) -> None:
        """What people of good will would do next, so that calls meet every state."""
        told = self.told[at]
        if told.status in ("draft", "rejected") or (told.is_changed and told.status in ("in_review", "approved")):
            self.select("registrar", at, told.variant or 0)
        elif told.status == "in_review" and not told.is_covered({each.id for each in told.in_force()}):
            given = Counter(each.constraint for each in told.in_force() for _ in range(each.amount))
            self.waive("registrar", at, next(name for name, amount in self.breaks(told).items() if amount > given[name]), 1)
        elif told.status == "in_review":
            self.approve("reviewer", at, "all", "now")
        elif told.status == "approved":
            self.publish("registrar", at)

    @rule(
        at=which,
        who=st.sampled_from(("registrar", "reviewer")),
        maker=st.sampled_from(("colleague", "reviewer")),
        breaches=st.sampled_from(BREACHES),
        is_waived=st.booleans(),
        is_edited=st.booleans(),
        share=st.sampled_from(("all", "all", "none")),
        seen=st.sampled_from(("now", "unsaid", "earlier")),
        is_two=st.booleans(),
    )
    def attempt(
        self, at: int, who: str, maker: str, breaches: dict[str, int], is_waived: bool, is_edited: bool, share: str, seen: str, is_two: bool
    ) -> None:
        """The whole way in one breath, with or without what the gates ask for."""
        self.set_two_people(is_two)
        told = self.told[at]
        number = told.variant or 0
        if told.status in ("draft", "rejected"):
            self.edit(at, number, breaches, True)
            self.select("registrar", at, number)
        for name, amount in self.breaks(told).items() if is_waived else ():
            self.waive(maker, at, name, amount)
        if is_edited:
            self.edit(at, number, breaches, False)
        self.approve(who, at, share, seen)
        self.publish("registrar", at)

    @rule(at=which, breaches=st.sampled_from(BREACHES[3:]), void=st.sampled_from(("withdrawn", "other variant", "other revision")))
    def lean_on_void_waivers(self, at: int, breaches: dict[str, int], void: str) -> None:
        """Everything broken was waived once, but not for this: withdrawn, or of what was put forward before."""
        told = self.told[at]
        if told.status == "in_review":
            self.reject("reviewer", at, "Not like this.")
        if told.status not in ("draft", "rejected"):
            return
        for number in (0, 1):
            self.edit(at, number, breaches, True)
        self.level(at)
        self.select("registrar", at, 0)
        for words in ((" ", "Rebuilt."), ("Dean", " ")):
            self.waive_without_words("reviewer", at, words)
        for name, amount in breaches.items():
            self.waive("reviewer", at, name, amount)
            if void == "withdrawn":
                self.withdraw("registrar", at)
        if void == "other revision":
            self.edit(at, 0, breaches, True)
            self.select("registrar", at, 0)
        elif void == "other variant":
            self.reject("reviewer", at, "The other one.")
            self.select("registrar", at, 1)
        self.approve("colleague", at, "all", "now")
        assert told.status == "in_review"
        self.publish("registrar", at)

    def level(self, at: int) -> None:
        """Both variants at one revision, so that only their ids tell them apart."""
        told = self.told[at]
        while told.revisions[0] != told.revisions[1]:
            self.edit(at, 1 if told.revisions[1] < told.revisions[0] else 0, told.breaches[0], True)

    @rule(who=st.sampled_from(("registrar", "reviewer")), at=which, words=st.sampled_from(((" ", "Rebuilt."), ("Dean", " "), ("", ""))))
    def waive_without_words(self, who: str, at: int, words: tuple[str, str]) -> None:
        """As the page does, which asks the service itself: nobody answers for it, or nobody says why."""
        told, job = self.told[at], self.jobs[at]
        workflow = Workflow.objects.select_related("variant", "job__organization").get(pk=job.pk)
        for constraint in self.breaks(told):
            with pytest.raises(Refusal), transaction.atomic():
                waiver_make(workflow=workflow, user=self.users[who], constraint=constraint, amount=1, owner=words[0], reason=words[1])

    @rule(is_two=st.booleans())
    def set_two_people(self, is_two: bool) -> None:
        self.is_two = is_two
        type(self.organization).objects.filter(pk=self.organization.pk).update(needs_two_people=is_two)

    @rule(who=someone, at=which)
    def comment(self, who: str, at: int) -> None:
        told, job = self.told[at], self.jobs[at]
        body = {"text": "Why here?", "lecture": 0, "variant_id": str(job.variants.get(index=0).pk)}
        answer = self.post(who, f"workflows/{job.pk}/comments/", body)
        assert answer.status_code == (self.barred(who, "admin", "reviewer") or (409 if told.status == "archived" else 201))

    def breaks(self, told: Told) -> dict[str, int]:
        return {} if told.variant is None else told.breaches[told.variant]

    @invariant()
    def the_database_agrees(self) -> None:
        for told, job in zip(self.told, self.jobs, strict=True):
            workflow = Workflow.objects.select_related("variant").get(pk=job.pk)
            number = None if workflow.variant is None else workflow.variant.index
            assert (workflow.status, number, workflow.revision) == (told.status, told.variant, told.revision)

    @invariant()
    def the_history_is_whole(self) -> None:
        for told, job in zip(self.told, self.jobs, strict=True):
            events = list(Workflow.objects.get(pk=job.pk).history.all())
            assert [(self.names[event.user_id], event.action, event.to_status) for event in events] == told.history
            states = ["draft", *(event.to_status for event in events)]
            assert [event.from_status for event in events] == states[:-1]

    @invariant()
    def at_most_one_is_published(self) -> None:
        assert Workflow.objects.filter(organization=self.organization, status="published").count() <= 1


def test_no_sequence_of_calls_passes_a_gate() -> None:
    # Sequences are looked for on SQLite; that PostgreSQL answers each call alike takes fewer of them.
    examples = 25 if connection.vendor == "sqlite" else 10
    options = hypothesis_settings(
        max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Review, settings=options)  # type: ignore[arg-type]
