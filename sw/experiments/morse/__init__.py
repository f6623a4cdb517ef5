"""The Morse study: the whole ladder of variants trained, and what metrics of difficulty foretell of it."""
