"""Cycles: when cases run, on which rubrics, under which margin, and who decides."""
