"""`python -m cli` is `solsmith`."""

from cli.main import main

main()
