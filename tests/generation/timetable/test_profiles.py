"""What the variants favour."""

from __future__ import annotations

from generation.engine.model.problem import Weights
from generation.timetable.profiles import profiles_for


def test_the_first_profile_is_the_organizations_own() -> None:
    base = Weights(lunch=7)
    profiles = profiles_for(base=base, overrides={}, num_variants=3)
    assert [profile.label for profile in profiles] == ["Balanced", "Students first", "Instructors first"]
    assert profiles[0].weights == base


def test_a_profile_favours_what_its_label_says_even_where_the_organization_does_not_care() -> None:
    profiles = profiles_for(base=Weights.udine(), overrides={}, num_variants=4)
    assert profiles[1].weights.student_clash > 0
    assert profiles[2].weights.instructor_gaps > 0
    assert profiles[3].weights.room_stability > Weights.udine().room_stability


def test_what_the_user_sets_holds_for_every_profile_and_a_zero_stays_off() -> None:
    profiles = profiles_for(base=Weights(), overrides={"instructor_gaps": 0, "lunch": 9}, num_variants=3)
    assert {profile.weights.instructor_gaps for profile in profiles} == {0}
    assert profiles[0].weights.lunch == 9


def test_further_variants_go_round_with_labels_of_their_own() -> None:
    labels = [profile.label for profile in profiles_for(base=Weights(), overrides={}, num_variants=10)]
    assert len(set(labels)) == 10
    assert labels[4] == "Balanced 2"
