"""Runs the command line: `python -m <this package> --help`."""

from .project_base.cli import main

if __name__ == "__main__":
    main()
