"""What Linux tells of the computer under the box, and what is left out where it does not."""

from pathlib import Path

from edge.adapters.machine.vitals import figures


def test_what_linux_tells(tmp_path: Path) -> None:
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal:  4000 kB\nMemFree: 100 kB\nMemAvailable:  3000 kB\nHugePages_Total: 0\n")
    for zone, text in (("thermal_zone0", "48312\n"), ("thermal_zone1", "61000\n"), ("thermal_zone2", "?")):
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "temp").write_text(text)
    found = figures(tmp_path, memory, tmp_path)
    assert found["memory_free_bytes"] == 3000 * 1024
    assert found["memory_used_percent"] == 25.0
    assert found["temperature_c"] == 61.0
    assert found["disk_free_bytes"] > 0
    assert 0 <= found["disk_used_percent"] <= 100


def test_what_a_machine_does_not_tell_is_left_out(tmp_path: Path) -> None:
    found = figures(tmp_path / "gone", tmp_path / "no", tmp_path / "none")
    assert not {"disk_free_bytes", "memory_free_bytes", "temperature_c"} & found.keys()
    (tmp_path / "odd").write_text("MemTotal: many\n")
    assert "memory_free_bytes" not in figures(tmp_path, tmp_path / "odd", tmp_path / "none")
