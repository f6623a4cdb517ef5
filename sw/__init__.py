"""Software side of clashfree: the design, the golden model, data and training."""
