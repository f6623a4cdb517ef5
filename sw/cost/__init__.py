"""What a design costs before synthesis, and which parts a device has; balance of lanes."""
