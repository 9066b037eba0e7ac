"""Makes imports of other libraries quicker."""

import sys


def skip_slow_import() -> None:
    """Saves 2 to 4 s in a process that reads notebooks: nbformat's jsonschema does without rfc3987_syntax.

    That is a grammar of web addresses, which no notebook needs.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
