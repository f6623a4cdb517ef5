"""The one error that a wrong design raises."""

__all__ = ["DesignError"]


class DesignError(ValueError):
    """A design breaks a rule. The message is one line: what is wrong, the rule, the value, what would be valid."""
