"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["PatternError"]


class PatternError(UserError):
    """A junction cannot have such a pattern, or a pattern is not valid."""
