"""The letter of a decision: frozen plain data, checked against the record, set as a PDF, released, verified."""
