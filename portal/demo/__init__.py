"""A believable organisation with one finished cycle and one in progress, for people who want to look around."""
