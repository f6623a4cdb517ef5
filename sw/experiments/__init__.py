"""Experiments: many trainings with one question, their table, picture and answer."""
