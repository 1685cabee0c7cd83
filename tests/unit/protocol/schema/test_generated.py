"""What is generated is fresh, and `--check` notices when it is not."""

from pathlib import Path

import pytest

from protocol.schema import __main__ as program
from protocol.schema.interfaces import NAMED, interfaces


def test_the_generated_files_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_file_is_named_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "TYPESCRIPT", tmp_path)
    assert program.main(["--check"]) == 1
    assert not (tmp_path / "messages.ts").exists()
    assert program.main([]) == 0
    assert program.main(["--check"]) == 0
    (tmp_path / "messages.ts").write_text("export type Nothing = never;\n")
    assert program.main(["--check"]) == 1


def test_every_named_shape_is_declared_once() -> None:
    text = interfaces()
    for name in NAMED:
        declared = text.count(f"export interface {name} {{") + text.count(f"export type {name} =")
        assert declared == 1, name


def test_a_field_the_box_may_leave_out_is_optional_and_one_that_may_be_empty_is_null() -> None:
    text = interfaces()
    assert "  ticket?: string;" in text
    assert "  locked_by_member: string | null;" in text
    assert "  tmpId: string | null;" in text
