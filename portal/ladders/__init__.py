"""The ladders as people read them: the peer map, each level, and two peers side by side."""
