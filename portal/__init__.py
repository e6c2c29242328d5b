"""Evenbar: promotion cases on dual-track career ladders, decided at one bar."""
