"""Picks configurations for synthesis: designs that fit a board and are trained in the board's own arithmetic."""
