"""The one error of sparse training."""

__all__ = ["SparseError"]


class SparseError(ValueError):
    """A layer, a run or an export breaks a rule. One line: what is wrong, the rule, the value, what would be valid."""
