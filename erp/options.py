"""Options of the commands that cannot be read: one line with the option, the value and what is allowed, instead of argparse's usage."""

from __future__ import annotations

import difflib
import re
from argparse import SUPPRESS, Action
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import base
from django.core.management.base import CommandParser

from generation.engine.model.text import listed

BAD_OPTION = 2
KINDS = {"int": "a whole number", "float": "a number"}
RANGES = {
    "--seed": "0 to 2147483647",
    "--workers": "1 to 64",
    "--iterations": "1 to 1000000000",
    "--variants": "1 to 10",
    "--port": "1 to 65535",
}
INVALID = re.compile(r"argument (?P<option>\S+): invalid (?P<kind>\w+) value: (?P<value>.*)", re.DOTALL)
CHOICE = re.compile(r"argument (?P<option>\S+): invalid choice: (?P<value>.*) \(choose from (?P<known>.*)\)", re.DOTALL)
OTHER = re.compile(r"argument (?P<option>\S+): (?P<message>.*)", re.DOTALL)


def parser_install() -> None:
    """Every command's options are read by the parser here; Django has no other door to it."""
    base.CommandParser = PlainParser  # type: ignore[misc]


class PlainParser(CommandParser):
    def __init__(self, **options: Any) -> None:
        """`--dry` is not taken for `--dry-run`: what an abbreviation means changes with each new option."""
        super().__init__(**{"allow_abbrev": False} | options)

    def error(self, message: str) -> NoReturn:
        if not self.called_from_command_line:
            super().error(message)
        self.exit(BAD_OPTION, f"{self._plain(message)} `{self.prog} --help` lists the options.\n")

    def _plain(self, message: str) -> str:
        if found := INVALID.fullmatch(message):
            kind = KINDS.get(found["kind"], f"a {found['kind']}")
            return f"{found['option']}: {found['value']} is not {kind}{self._range(found['option'])}."
        if found := CHOICE.fullmatch(message):
            return f"{found['option']}: there is no {found['value']}. Choose one of {found['known']}."
        if message.startswith("the following arguments are required: "):
            return f"Missing: {message.partition(': ')[2]}. Give a value for each."
        if message.startswith("unrecognized arguments: "):
            return self._unknown(message.partition(": ")[2].split())
        if found := OTHER.fullmatch(message):
            words = found["message"].replace("expected one argument", "its value is missing").rstrip(".")
            allowed = self._range(found["option"])
            return f"{found['option']}: {words}{'; it may be a number' if allowed else ''}{allowed}."
        return f"{message[:1].upper()}{message[1:].rstrip('.')}."

    def _range(self, option: str) -> str:
        """What a number may be, in words to follow it."""
        if option == "--time-limit":
            is_solve = self.prog.endswith(" solve")
            low, high = (0.5, 86_400) if is_solve else (settings.JOB_TIME_LIMIT_MIN_S, settings.JOB_TIME_LIMIT_MAX_S)
            return f" of seconds from {low} to {high}"
        return f" from {RANGES[option]}" if option in RANGES else ""

    def _unknown(self, found: list[str]) -> str:
        """With the option that was meant, where one is spelled much like it."""
        known = [option for action in self._actions if _is_shown(action) for option in action.option_strings if option.startswith("--")]
        options = [each for each in found if each.startswith("-")] or found
        first = options[0].partition("=")[0]
        near = difflib.get_close_matches(first, known, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        return f"{listed(options, 4)}: no such {'option' if options[0].startswith('-') else 'argument'} here.{meant}"


def _is_shown(action: Action) -> bool:
    return action.help != SUPPRESS
