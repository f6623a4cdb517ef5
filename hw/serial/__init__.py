"""The parts of the shell (hw/shell.py): serial line, frames, requests, sample store, players of slots."""
