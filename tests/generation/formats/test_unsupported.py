"""What a file asks and cannot be kept: counted by kind, and refused unless it may be left out."""

from __future__ import annotations

import pickle

import pytest

from generation.formats.unsupported import Unsupported, UnsupportedError, left_out_text


def test_what_cannot_be_kept_is_refused_with_each_kind_and_its_count() -> None:
    found = Unsupported("school.fet")
    found.add("ConstraintMinGaps")
    found.add("ConstraintTwoSets", 3)
    found.add("ConstraintNobodyHas", 0)

    with pytest.raises(UnsupportedError, match=r"school\.fet: 3 x ConstraintTwoSets, 1 x ConstraintMinGaps cannot be kept") as caught:
        found.check(allow=False)

    assert caught.value.counts == found.check(allow=True) == {"ConstraintTwoSets": 3, "ConstraintMinGaps": 1}
    assert pickle.loads(pickle.dumps(caught.value)).counts == caught.value.counts


def test_a_file_that_asks_nothing_of_the_kind_is_not_refused() -> None:
    assert Unsupported("school.fet").check(allow=False) == {}


def test_a_very_long_list_is_cut_and_the_rest_counted() -> None:
    text = left_out_text({f"kind {number}": 1 for number in range(50)})

    assert text.endswith("1 x kind 39 and 10 more kinds")
