"""A worked example on decisions nobody here made: four years of a conference, as two tracks at a time."""
