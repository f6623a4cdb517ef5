"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["SparseError"]


class SparseError(UserError):
    """A layer, a run or an export breaks a rule. One line: what is wrong, the rule, the value, what would be valid."""
