"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["BoardError"]


class BoardError(UserError):
    """A board, a tool or a netlist is not as it must be. The message is one line: what, the rule, the value."""
