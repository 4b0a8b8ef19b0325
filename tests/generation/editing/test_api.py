"""Changing variants by hand over REST."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from academics.models import Instructor
from generation.models import Variant
from tests.factories import OrganizationFactory, VariantFactory, member
from tests.factories.editing import editable_variant

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def client_of(variant: Variant, role: str = "admin") -> APIClient:
    client = APIClient()
    client.force_authenticate(member(variant.job.organization, role))
    return client


def address(variant: Variant, end: str) -> str:
    return f"/api/timetable/variants/{variant.pk}/{end}"


def post(client: APIClient, variant: Variant, end: str = "edits/", **data: Any) -> Any:
    return client.post(address(variant, end), data, format="json")


def test_the_people_of_a_lecture_are_named() -> None:
    variant = editable_variant()
    entry = variant.entries.exclude(instructors=[]).first()
    assert entry is not None
    Instructor.objects.create(organization=variant.job.organization, code=entry.instructors[0], name="Ada Rao")

    found = client_of(variant).get(address(variant, f"lectures/{entry.lecture}/places/?best=1")).json()

    assert found["lecture"]["instructors"] == entry.instructors
    assert found["who_names"][0] == "Ada Rao"


def test_every_start_of_the_week_is_told_with_what_it_breaks_and_costs() -> None:
    variant = editable_variant()

    found = client_of(variant).get(address(variant, "lectures/0/places/")).json()

    assert len(found["places"]) == 8
    assert [place["is_current"] for place in found["places"]] == [True, *[False] * 7]
    clash = found["places"][4]
    assert (clash["day"], clash["period"], clash["hard"]) == (1, 0, 1)
    assert clash["reasons"] == ["Its instructor teaches C1-1 then"]
    assert clash["changes"][0]["constraint"] == "instructor_clash"
    assert found["revision"] == 0
    assert found["lecture"]["section"] == "C0-1"
    assert found["affected"] == {"students": 30, "instructors": 1}


def test_the_best_places_come_first_and_are_as_many_as_asked() -> None:
    variant = editable_variant()

    places = client_of(variant).get(address(variant, "lectures/0/places/?best=5")).json()["places"]

    assert len(places) == 5
    assert [(place["hard"], place["soft"]) for place in places] == sorted((place["hard"], place["soft"]) for place in places)
    assert not any(place["is_current"] for place in places)


def test_a_change_answers_with_the_new_revision_score_and_cells() -> None:
    variant = editable_variant()
    client = client_of(variant)

    answer = post(client, variant, revision=0, action="move", lecture=0, day=1, period=3)

    assert answer.status_code == 201
    found = answer.json()
    assert (found["revision"], found["hard"]) == (1, 0)
    assert [(row["lecture"], row["day"], row["period"]) for row in found["changed"]] == [(0, 1, 3)]
    assert found["undo"] == "Moved C0-1 from Monday 08:00 in R0 to Tuesday 11:00 in R0"
    assert client.get(address(variant, "edits/")).json()["results"][0]["number"] == 1
    assert post(client, variant, "undo/", revision=1).json()["redo"] == found["undo"]
    assert post(client, variant, "redo/", revision=2).status_code == 201


def test_a_change_sent_twice_is_told_what_the_first_did() -> None:
    variant = editable_variant()
    client = client_of(variant)
    post(client, variant, revision=0, action="move", lecture=0, day=1, period=3)

    answer = post(client, variant, revision=0, action="move", lecture=0, day=1, period=3)

    assert answer.status_code == 409
    found = answer.json()
    assert found["revision"] == 1
    assert "changed this timetable" in found["detail"]
    assert "moved C0-1 from Monday 08:00 in R0 to Tuesday 11:00" in found["since"][0]["sentence"]
    assert found["since"][0]["changes"][0]["after"]["day"] == 1


def test_asking_for_what_is_so_already_changes_nothing() -> None:
    variant = editable_variant()

    answer = post(client_of(variant), variant, revision=0, action="unpin", lecture=0)

    assert answer.status_code == 200
    assert answer.json()["edit"] is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"revision": -1, "action": "move", "lecture": 0},
        {"revision": 0, "action": "fly", "lecture": 0},
        {"revision": 0, "action": "move", "lecture": "x"},
        {"revision": 0, "action": "move", "lecture": 2**40},
        {"revision": 0, "action": "move", "lecture": 0, "day": 30, "period": 0},
        {"revision": 0, "action": "move", "lecture": 0, "day": 0, "period": 0, "room": 7},
        {"revision": 0, "action": "move", "lecture": 0, "day": 0, "period": 0, "room": "nowhere"},
        {"revision": 0, "action": "pin", "lecture": 0, "what": "mood"},
    ],
)
def test_nonsense_is_a_mistake_that_names_its_field(data: dict[str, Any]) -> None:
    variant = editable_variant()

    answer = post(client_of(variant), variant, **data)

    assert answer.status_code == 400
    assert answer.json()


@pytest.mark.parametrize("query", ["best=0", "best=51", "best=x", "room=nowhere"])
def test_a_wrong_question_is_a_mistake(query: str) -> None:
    variant = editable_variant()

    assert client_of(variant).get(address(variant, f"lectures/0/places/?{query}")).status_code == 400


@pytest.mark.parametrize("lecture", ["99", "x", "-1", "9" * 30])
def test_an_unknown_lecture_is_not_found(lecture: str) -> None:
    variant = editable_variant()

    assert client_of(variant).get(address(variant, f"lectures/{lecture}/places/")).status_code == 404


def test_a_run_that_kept_no_problem_says_so() -> None:
    variant = VariantFactory()
    variant.entries.create(lecture=0, course="A", section="A-1")

    answer = client_of(variant).get(address(variant, "lectures/0/places/"))

    assert answer.status_code == 409
    assert "make a new timetable" in answer.json()["detail"]


@pytest.mark.parametrize(("role", "looks", "changes"), [("reviewer", 200, 403), ("viewer", 403, 403)])
def test_only_administrators_change(role: str, looks: int, changes: int) -> None:
    variant = editable_variant()
    client = client_of(variant, role)

    assert client.get(address(variant, "lectures/0/places/")).status_code == looks
    assert client.get(address(variant, "edits/")).status_code == looks
    assert post(client, variant, revision=0, action="pin", lecture=0).status_code == changes
    for end in ("undo/", "redo/"):
        assert post(client, variant, end, revision=0).status_code == changes


def test_strangers_find_nothing() -> None:
    variant = editable_variant()
    client = APIClient()
    for end in ("lectures/0/places/", "edits/"):
        assert client.get(address(variant, end)).status_code == 401
    client.force_authenticate(member(OrganizationFactory(), "admin"))
    for end in ("lectures/0/places/", "edits/"):
        assert client.get(address(variant, end)).status_code == 404
    assert post(client, variant, revision=0, action="pin", lecture=0).status_code == 404
    for end in ("undo/", "redo/"):
        assert post(client, variant, end, revision=0).status_code == 404


def test_each_place_says_who_comes_to_clash_and_who_no_longer_does() -> None:
    variant = editable_variant()

    places = client_of(variant).get(address(variant, "lectures/0/places/")).json()["places"]

    there = next(place for place in places if (place["day"], place["period"]) == (1, 0))
    assert there["people"]["instructors"] == {"newly": 1, "freed": 0}
    assert there["people"]["sections"] == {"newly": 1, "freed": 0}
    assert next(place for place in places if place["is_current"])["people"]["students"] == {"newly": 0, "freed": 0}


def test_a_chain_of_moves_changes_what_it_says_and_is_taken_back_as_one() -> None:
    variant = editable_variant()
    client = client_of(variant)
    before = list(variant.entries.order_by("lecture").values_list("day", "period", "room"))
    held = variant.entries.get(lecture=1)
    variant.entries.filter(lecture=2).update(is_pinned=True, is_time_pinned=True)

    found = client.get(address(variant, "lectures/0/places/?best=1&chains=10")).json()["chains"]
    way = next(chain for chain in found if (chain["moves"][0]["day"], chain["moves"][0]["period"]) == (held.day, held.period))
    own, *others = ({name: move[name] for name in ("lecture", "day", "period", "room")} for move in way["moves"])
    answer = post(client, variant, revision=0, action="move", **own, also=others)

    assert 2 not in {move["lecture"] for chain in found for move in chain["moves"]}, "it is pinned"
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["hard"], answer.json()["soft"]) == (variant.hard + way["hard"], variant.soft + way["soft"])
    assert len(answer.json()["changed"]) == len(way["moves"]) > 1
    assert post(client, variant, "undo/", revision=1).status_code == 201
    assert list(variant.entries.order_by("lecture").values_list("day", "period", "room")) == before


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (
            {"action": "swap", "other": 1, "also": [{"lecture": 2, "day": 0, "period": 0, "room": "R0"}]},
            "Only a move takes further lectures",
        ),
        ({"also": [{"lecture": 0, "day": 0, "period": 1, "room": "R0"}]}, "Lecture 0 is named twice"),
        ({"also": [{"lecture": 1, "day": 0, "period": 1, "room": "R0"}] * 3}, "no more than 2"),
        ({"also": [{"lecture": 99, "day": 0, "period": 1, "room": "R0"}]}, "There is no lecture 99"),
        ({"also": [{"lecture": 1, "day": 0, "period": 1, "room": "nowhere"}]}, "nowhere"),
    ],
)
def test_a_chain_that_can_not_be_is_refused_whole(sent: dict[str, Any], words: str) -> None:
    variant = editable_variant()

    answer = post(client_of(variant), variant, **{"revision": 0, "action": "move", "lecture": 0, "day": 1, "period": 3, **sent})

    assert answer.status_code == 400
    assert words in str(answer.json())
    assert not variant.edits.exists()


def test_what_changing_places_would_change_is_said_before_and_comes_true() -> None:
    variant = editable_variant()
    client = client_of(variant)

    swaps = client.get(address(variant, "lectures/0/swaps/?others=0,1,2,99")).json()["swaps"]
    done = post(client, variant, revision=0, action="swap", lecture=0, other=1)

    assert [(swap["lecture"], swap["when"], swap["room"]) for swap in swaps] == [(1, "Tuesday 08:00", "R0"), (2, "Monday 08:00", "R1")]
    assert (done.json()["hard"], done.json()["soft"]) == (variant.hard + swaps[0]["hard"], variant.soft + swaps[0]["soft"])


@pytest.mark.parametrize("others", ["", "x", "1,,2", "-1", "9" * 12, ",".join(str(n) for n in range(61))])
def test_a_wrong_list_of_lectures_to_change_places_with_is_a_mistake(others: str) -> None:
    variant = editable_variant()

    answer = client_of(variant).get(address(variant, f"lectures/0/swaps/?others={others}"))

    assert (answer.status_code, list(answer.json())) == (400, ["others"])


def test_a_pinned_lecture_changes_places_with_none_and_is_offered_to_none() -> None:
    variant = editable_variant()
    client = client_of(variant)
    post(client, variant, revision=0, action="pin", lecture=1, what="room")

    assert client.get(address(variant, "lectures/1/swaps/?others=0")).status_code == 409
    assert [swap["lecture"] for swap in client.get(address(variant, "lectures/0/swaps/?others=1,2")).json()["swaps"]] == [2]
    assert post(client, variant, revision=1, action="swap", lecture=0, other=0).status_code == 400
