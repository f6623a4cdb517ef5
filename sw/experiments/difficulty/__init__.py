"""How well measures of difficulty foretell the accuracies of the Morse study."""
