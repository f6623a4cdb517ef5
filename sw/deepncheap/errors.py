"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["SearchError"]


class SearchError(UserError):
    """A search, an architecture or a trial breaks a rule. One line: what is wrong, the rule, the value."""
