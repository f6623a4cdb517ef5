"""What joins the parts: commands that need several packages at once."""
