"""Experiments about the search: what the slides of Deep-n-Cheap show, run here."""
