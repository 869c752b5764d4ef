"""solsmith's command line: one file a command; a command parses, calls the library, and shows what came back."""
