"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["SimError"]


class SimError(UserError):
    """A simulation could not be prepared, run or trusted."""
