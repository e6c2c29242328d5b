"""Floor 3: the HTTP kit every room uses; it knows no room."""
