"""The HTTP side: requests to operations, rows to JSON."""
