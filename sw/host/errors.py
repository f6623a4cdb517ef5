"""What can go wrong between host and device."""

from sw.common.errors import UserError

__all__ = ["HostError", "SessionLost"]


class HostError(UserError):
    """The device cannot be reached, does not answer, or is not the one for this design."""


class SessionLost(HostError):
    """The device was reset, or another host has used it: its state is not what this session has left there."""
