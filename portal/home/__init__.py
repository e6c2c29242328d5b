"""The front page: my work, by role."""
