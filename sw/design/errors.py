"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["DesignError"]


class DesignError(UserError):
    """A design breaks a rule. The message is one line: what is wrong, the rule, the value, what would be valid."""
