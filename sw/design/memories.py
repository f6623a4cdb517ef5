"""Which memories of a design are built of look-up tables (LUTRAM) and which of block RAM."""

__all__ = ["style"]


def style(rows: int, lutram_rows: int) -> str:
    """The value of the attribute ``ram_style``, which yosys and Vivado both know."""
    return "distributed" if rows <= lutram_rows else "block"
