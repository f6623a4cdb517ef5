"""Errors of this package."""

from sw.common.errors import UserError

__all__ = ["CodesignError"]


class CodesignError(UserError):
    """A search for a board cannot be done as it was asked for."""
