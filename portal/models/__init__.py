"""Floor 1: tables and their invariants, one file per aggregate."""
