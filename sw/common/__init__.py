"""What every command needs and nothing of the field: errors, whole files, reports, progress, pictures."""
