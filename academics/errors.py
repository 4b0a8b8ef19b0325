"""The one family of errors that users meet: an id with values, and what the interfaces make of it.

`erp.errors` turns each into an HTTP answer, for REST and for pages. Three stay outside: `generation.formats.FormatError` (files are
read without an app), `academics.services.DataInUseError` (each command has its own words) and `progress.selftest.SelftestBusy`
(`progress` imports no other app).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


def text_id(texts: Mapping[str, str], message_id: str, values: Mapping[str, object]) -> str:
    """The id of the sentence: of one thing it may have another text (``dates_moved_one``) than of several."""
    one = f"{message_id}_one"
    return one if values.get("count") in (1, "1") and one in texts else message_id


class UserError(Exception):
    """What the user wants can't be done. ``field`` names the part of the request that is at fault; ``lines`` has the details.

    ``text`` is a finished sentence, for where several values make it; else the class's own texts have one for the id.
    """

    status: ClassVar[int] = 400
    texts: ClassVar[Mapping[str, str]] = {}
    retry_after_s: int | None = None
    lines: tuple[str, ...] = ()

    def __init__(self, message_id: str = "", *, text: str = "", field: str = "", **values: object) -> None:
        super().__init__(text or self.sentence(message_id, values))
        self.message_id = message_id
        self.field = field
        self.values = values

    @classmethod
    def sentence(cls, message_id: str, values: Mapping[str, object]) -> str:
        """The sentence of an id; a missing value is a programming error and raises KeyError."""
        return cls.texts[text_id(cls.texts, message_id, values)].format(**values)

    def body(self) -> dict[str, Any]:
        """What REST answers with: messages by field where the request is wrong, else one ``detail``."""
        if self.status == 400:
            return {self.field or "non_field_errors": [str(self), *self.lines]}
        return {"detail": str(self)}
