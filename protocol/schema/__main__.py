"""`python -m protocol.schema` writes what is generated; with `--check` it only says what is stale."""

import argparse
import sys
from pathlib import Path

from protocol.schema.interfaces import interfaces

MESSAGES = Path(__file__).parent / "typescript" / "messages"


def generated() -> dict[Path, str]:
    """Every generated file and what should stand in it."""
    return {MESSAGES / name: text for name, text in interfaces().items()}


def stale() -> list[Path]:
    """Generated files that do not say what they should, and files of surfaces that are gone."""
    files = generated()
    left = [path for path in sorted(MESSAGES.glob("*.ts")) if path not in files]
    return [
        *(path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text),
        *left,
    ]


def _mend(path: Path) -> None:
    text = generated().get(path)
    if text is None:
        path.unlink()
        print(f"removed {path}")
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path}")


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
            _mend(path)
    return 1 if options.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
