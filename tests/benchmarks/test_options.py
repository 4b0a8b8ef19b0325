"""What `make bench` is asked for is checked before the first run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.options import INSTANCES, OptionError, Options


def test_left_out_and_empty_variables_take_the_suites_own_values() -> None:
    options = Options.read({"SUITE": "", "TIME": " "})

    assert (options.suite, options.data) == ("small", INSTANCES)
    assert (options.or_else(time_s=7, seeds=2).time_s, options.or_else(time_s=7, seeds=2).num_seeds) == (7, 2)


def test_the_call_is_kept_as_it_was_typed() -> None:
    assert Options.read({"SUITE": "small", "TIME": "5"}).given == "make bench SUITE=small TIME=5"


IMPOSSIBLE = [("TIME", "0"), ("TIME", "ten"), ("SEEDS", "0"), ("SEEDS", "1.5"), ("JOBS", "-1"), ("DATA", "/no/such"), ("BASE", "x")]


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE)
def test_a_value_that_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"^{name}: "):
        Options.read({name: value})


def test_only_chooses_instances_in_the_order_given(tmp_path: Path) -> None:
    for name in ("a.ctt", "b.json", "c.ctt", "best-known.csv"):
        (tmp_path / name).touch()

    assert [path.name for path in Options(data=tmp_path, only=("c", "b")).instances()] == ["c.ctt", "b.json"]
    assert [path.name for path in Options(data=tmp_path).instances()] == ["a.ctt", "b.json", "c.ctt"]


def test_an_instance_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ctt").touch()

    with pytest.raises(OptionError, match=r"ONLY: there is no instance comp99 .*there are a"):
        Options(data=tmp_path, only=("comp99",)).instances()
