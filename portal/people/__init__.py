"""People: who is here, whom they report to, which roles they hold, how they sign in."""
