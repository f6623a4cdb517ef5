"""The search for networks that are good and quick to train: Deep-n-Cheap, its optimiser and its trials."""
