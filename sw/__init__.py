"""Software side of clashfree: the design, the golden model, data and training."""

from sw.common import process  # noqa: F401 -- first of all: it may start Python again in a clean environment
