"""Bringing a package and its application user into an environment, and checking what came of it."""
