"""What a case is argued with: the packet, the manager's statement and justification, what referees say."""
