"""Keep an environment in one SQLite file, and describe one in YAML."""
