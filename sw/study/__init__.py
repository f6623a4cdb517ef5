"""A search as a list of stages on one Optuna study: what is tried next, kept where, by whom. Nothing of networks."""
