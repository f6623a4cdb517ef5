"""The error that every simulation tool raises for the user's eyes."""

from __future__ import annotations


class SimError(Exception):
    """A simulation could not be prepared, run or trusted.

    `str(error)` is one line that names what was wrong, the rule, the value and what would be valid;
    command lines print it as `error: ...` on stderr and exit non-zero without a traceback.

    Parameters
    ----------
    message : that one line.
    detail : lines to show beneath it, such as the end of a log. Attached as a note (PEP 678), so
        tracebacks and pytest show it too, while `str(error)` stays one line.
    """

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
        if detail:
            self.add_note(detail)
