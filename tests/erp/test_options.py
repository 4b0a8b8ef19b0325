"""Options that cannot be read: one line on stderr, status 2, without argparse's usage."""

from __future__ import annotations

import pytest

from erp.options import PlainParser
from generation.management.commands.generate import Command as Generate
from generation.management.commands.solve import Command as Solve


@pytest.mark.parametrize(
    ("command", "given", "said"),
    [
        (Solve, ["F", "--seed", "x"], "--seed: 'x' is not a whole number from 0 to 2147483647."),
        (Solve, ["F", "--time-limit", "soon"], "--time-limit: 'soon' is not a number of seconds from 0.5 to 86400."),
        (Generate, ["--organization", "a", "--time-limit", "soon"], "--time-limit: 'soon' is not a number of seconds from 1 to 3600."),
        (Solve, ["F", "--format", "xml"], "--format: there is no 'xml'. Choose one of 'auto', 'ctt'"),
        (Solve, ["F", "--workers"], "--workers: its value is missing; it may be a number from 1 to 64."),
        (Solve, [], "Missing: file. Give a value for each."),
        (Solve, ["F", "--tome-limit", "3"], "--tome-limit: no such option here. Did you mean --time-limit?"),
        (Solve, ["F", "--time", "3"], "--time: no such option here. Did you mean --time-limit?"),
        (Generate, ["--organization", "a", "--keep-leave"], "--keep-leave: no such option here. Did you mean --keep-leave-out?"),
        (Generate, [], "Missing: --organization. Give a value for each."),
    ],
)
def test_an_option_that_cannot_be_read_is_told_in_one_line(
    command: type[Solve] | type[Generate], given: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("django.core.management.base.CommandParser", PlainParser)
    asked = command()
    asked._called_from_command_line = True
    parser = asked.create_parser("manage.py", command.__module__.rpartition(".")[2])

    with pytest.raises(SystemExit) as stop:
        parser.parse_args(given)

    line = capsys.readouterr().err
    assert stop.value.code == 2
    assert line.startswith(said)
    assert "usage:" not in line
    assert line.count("\n") == 1
