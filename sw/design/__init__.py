"""The contract between training and hardware: formats, patterns, network, schedule, files."""
