"""Carries out a plan of `installing.py`, or tells it. Counterpart: `cli.py`, which knows what was asked."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.agent.failure import ActionFailed
from edge.agent.installing import Delete, Run, Step, Write


def told(step: Step) -> str:
    """A step in one line, without what nobody should read over a shoulder."""
    match step:
        case Write(path=path, secret=secret):
            return f"write {path}{' (secret)' if secret else ''}"
        case Delete(path=path):
            return f"delete {path}"
        case Run(words=words):
            return f"run {subprocess.list2cmdline(words)}"


def carry_out(steps: Sequence[Step], tell: Callable[[str], None], root: Path = Path("/")) -> None:
    """One after the other; paths lie below `root`. Raises `ActionFailed` at the first that fails."""
    for step in steps:
        tell(told(step))
        try:
            _do(step, root)
        except OSError as error:
            raise ActionFailed(f"{told(step)}: {error}") from error


def _do(step: Step, root: Path) -> None:
    match step:
        case Write(path=path, text=text, secret=secret):
            _write(root / str(path).lstrip("/"), text, 0o600 if secret else 0o644)
        case Delete(path=path):
            (root / str(path).lstrip("/")).unlink(missing_ok=True)
        case Run(words=words, may_fail=may_fail):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode and not may_fail:
                raise ActionFailed(f"{told(step)}: {(done.stderr or done.stdout).strip()}")


def _write(path: Path, text: str, mode: int) -> None:
    """Put in place whole; a secret is never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
