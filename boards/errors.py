"""The error that everything here raises for the user's eyes."""

__all__ = ["BoardError"]


class BoardError(ValueError):
    """A board, a tool or a netlist is not as it must be. The message is one line: what, the rule, what would be valid."""
