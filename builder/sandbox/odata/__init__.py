"""The part of OData that the sandbox understands; what it does not is refused, never ignored."""
