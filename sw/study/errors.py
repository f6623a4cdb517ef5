"""The error of searches and their storage."""

from sw.common.errors import UserError

__all__ = ["StudyError"]


class StudyError(UserError):
    """A search that cannot be begun or gone on with."""
