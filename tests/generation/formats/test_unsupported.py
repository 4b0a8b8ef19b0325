"""What a file asks and cannot be kept: counted by kind, and refused unless it may be left out."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

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


def test_solve_refuses_what_it_cannot_keep_and_reports_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out, report = tmp_path / "school.xml", tmp_path / "out.xml", tmp_path / "out.json"
    text = (Path(__file__).parents[2] / "data" / "tiny_xhstt.xml").read_text()
    file.write_text(text.replace("LinkEventsConstraint", "FancyConstraint"))

    with pytest.raises(CommandError, match=r"school\.xml: 1 x Fancy cannot be kept\. Say --allow-unsupported") as caught:
        call_command("solve", str(file), iterations=1, solution=str(out))
    assert (caught.value.returncode, out.exists()) == (2, False)

    call_command("solve", str(file), iterations=2, solution=str(out), report=str(report), quiet=True, allow_unsupported=True)
    assert json.loads(report.read_text())["left_out"] == {"Fancy": 1}
    assert "left out, as it cannot be kept: 1 x Fancy" in capsys.readouterr().err
