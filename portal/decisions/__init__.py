"""What is decided about a case: recorded by the chair, confirmed by a second member, and open to an appeal."""
