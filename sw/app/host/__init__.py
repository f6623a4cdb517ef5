"""Training and inference on a device behind a line of frames."""
