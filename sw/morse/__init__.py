"""Morse code datasets: the codebook and the generator."""
