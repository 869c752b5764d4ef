"""What a change grants and takes away: two sets of roles, or two packages, and who has to care."""
