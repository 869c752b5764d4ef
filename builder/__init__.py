"""solsmith's library: it never prints, never reads the command line and never exits."""

__version__ = "0.1.0"
