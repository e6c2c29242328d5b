"""Floor 0: plain Python; what must be provable. Imports nothing of the portal but itself."""
