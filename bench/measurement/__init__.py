"""How often the bar comparison is right: coverage, false verdicts and power by simulation, and what it costs. See
README.md.
"""
