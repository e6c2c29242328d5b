"""Reviews: who scores a case, what they give it alone, and what opens once it is sealed."""
