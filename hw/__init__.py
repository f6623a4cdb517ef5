"""The accelerator in Amaranth. Imports sw.design only: what it must compute is for the golden model to say."""

from sw.common import process  # noqa: F401 -- first of all: it may start Python again in a clean environment
