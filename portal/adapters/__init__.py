"""Floor 2: one wrapper per outside library or service; they know no feature."""
