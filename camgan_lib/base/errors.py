"""The error that a user sees, and the help that it gives where a name is misspelt."""

import difflib
from collections.abc import Iterable


class CamganError(Exception):
    """A mistake that the user can mend: one sentence that says what was expected, what came and what to do.

    The command line prints the sentence and ends with exit code 2.
    """


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """`; did you mean 'epochs'?`, the end of a message, where a known name is close to `name`; else an empty text."""
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
