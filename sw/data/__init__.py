"""Datasets in: 8-bit features and class labels from files, bundled data and the generator."""
