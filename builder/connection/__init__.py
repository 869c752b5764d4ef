"""Signing in, and the one way a request leaves solsmith."""
