"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["GoldenError"]


class GoldenError(UserError):
    """The compiled model cannot be had, or is given what it cannot take. The message is one line."""
