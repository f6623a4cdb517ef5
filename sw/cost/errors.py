"""The error of this package."""

from sw.common.errors import UserError

__all__ = ["CostError"]


class CostError(UserError):
    """The table of coefficients is not as it must be. The message is one line: file, coefficient, rule, value."""
