"""Where one committee holds both tracks to one bar: agenda, positions, secret ballots, the check of the bars."""
