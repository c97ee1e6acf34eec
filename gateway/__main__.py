"""`python -m gateway` is the command `waspada`."""

from .cli import main

main()
