"""Why a review does not go on; the text is for people."""


class RefusalError(Exception):
    """The workflow's state does not allow what was asked."""


class CommentMissingError(RefusalError):
    """A rejection says why."""


class ValueRefusedError(RefusalError):
    """A value of the request is out of its range; ``field`` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
