"""The one error that a user sees: a sentence that says what was expected, what came and what to do."""


class CamganError(Exception):
    """A mistake that the user can mend. The command line prints its sentence and ends with exit code 2."""
