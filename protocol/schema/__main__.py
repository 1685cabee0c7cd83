"""`python -m protocol.schema` writes what is generated; with `--check` it only says what is stale."""

import argparse
import sys
from pathlib import Path

from protocol.schema.interfaces import interfaces

TYPESCRIPT = Path(__file__).parent / "typescript"


def generated() -> dict[Path, str]:
    """Every generated file and what should stand in it."""
    return {TYPESCRIPT / "messages.ts": interfaces()}


def stale() -> list[Path]:
    """Generated files that do not say what they should."""
    files = generated().items()
    return [path for path, text in files if not path.exists() or path.read_text("utf-8") != text]


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m protocol.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if anything is stale")
    options = parser.parse_args(arguments)
    found = stale()
    for path in found:
        if options.check:
            print(f"{path} is stale; run `make schema`.", file=sys.stderr)
        else:
            path.write_text(generated()[path], "utf-8")
            print(f"wrote {path}")
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
