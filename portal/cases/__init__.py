"""A case as a whole: opening it, seeing where it stands, and the steps that move it."""
