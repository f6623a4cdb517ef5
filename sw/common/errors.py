"""The error that every command shows its user, and the one of files."""

__all__ = ["FileError", "UserError"]


class UserError(ValueError):
    """Something that the user can mend. Each package has a class of its own below this one.

    ``str(error)`` is one line: what is wrong, the rule, the value, and what would be valid. Commands print it as
    ``error: ...`` on stderr, without a traceback, and exit with ``status``.

    Parameters
    ----------
    message : that one line.
    detail : lines to show below it, such as the end of a log. Attached as a note (PEP 678), so that tracebacks and
        pytest show it too, while ``str(error)`` stays one line.
    """

    status = 2

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
        if detail:
            self.add_note(detail)


class FileError(UserError):
    """A file or folder cannot be read or written."""
