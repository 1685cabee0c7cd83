"""What is generated is fresh, and `--check` notices when it is not."""

from pathlib import Path

import pytest

from protocol.schema import __main__ as program
from protocol.schema.interfaces import SURFACES, interfaces


def test_the_generated_files_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_file_is_named_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = tmp_path / "messages"
    monkeypatch.setattr(program, "MESSAGES", messages)
    assert program.main(["--check"]) == 1
    assert not messages.exists()
    assert program.main([]) == 0
    assert program.main(["--check"]) == 0
    (messages / "guests.ts").write_text("export type Nothing = never;\n")
    assert program.main(["--check"]) == 1


def test_a_surface_that_is_gone_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MESSAGES", tmp_path)
    assert program.main([]) == 0
    (tmp_path / "former.ts").write_text("export type Nothing = never;\n")
    assert program.main(["--check"]) == 1
    assert program.main([]) == 0
    assert not (tmp_path / "former.ts").exists()
    assert program.main(["--check"]) == 0


def test_every_named_shape_is_declared_once() -> None:
    text = "\n".join(interfaces().values())
    for name in (name for named in SURFACES.values() for name in named):
        declared = text.count(f"export interface {name} {{") + text.count(f"export type {name} =")
        assert declared == 1, name


def test_a_field_the_box_may_leave_out_is_optional_and_one_that_may_be_empty_is_null() -> None:
    text = "\n".join(interfaces().values())
    assert "  ticket?: string;" in text
    assert "  locked_by_member: string | null;" in text
    assert "  tmpId: string | null;" in text
