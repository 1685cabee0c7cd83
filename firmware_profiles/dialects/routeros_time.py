"""Durations as RouterOS writes them: `1w2d3h4m5s`, `59m58s340ms`, `00:59:58`, `1d 02:03:04`, `3600`.

Source: help.mikrotik.com 'Scripting', data type time. Which form is printed depends on menu and version,
so all are read; `3600s` is understood everywhere and is what is written.
"""

import re

_UNITS_S = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6}
_PART = re.compile(r"(\d+)(ms|us|[wdhms])")
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)$")


def seconds(text: str) -> float:
    """Seconds, 0.0 for an empty text. Raises `ValueError` for what is no duration."""
    text = text.strip()
    clock = _CLOCK.search(text)
    if clock is not None:
        hours, minutes, rest = clock.groups()
        return seconds(text[: clock.start()]) + int(hours) * 3600 + int(minutes) * 60 + float(rest)
    if text.isdigit():
        return float(text)
    if _PART.sub("", text).strip():
        raise ValueError(f"no duration: {text!r}")
    return sum(int(count) * _UNITS_S[unit] for count, unit in _PART.findall(text))
