"""What a package says, and how one is written."""
