"""Lines to something that is no board: the golden model in this process, and the simulated hardware."""
