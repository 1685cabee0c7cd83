"""The installer's report as one HTML file, for a screen or a mail: the same words as on paper, no script."""

from html import escape

from edge.journal.handover import Handover
from edge.web.handover_paper import sections, when

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:760px;margin:40px auto;padding:0 20px;color:#14231f}"
    "h1{color:#1d5b4f;margin-bottom:0}h2{font-size:18px;margin:28px 0 8px}p{color:#5a6a64;margin-top:4px}"
    "table{width:100%;border-collapse:collapse}th,td{padding:7px 0;border-top:1px solid #d8d5cb;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{width:34%;color:#5a6a64;font-weight:400}"
)


def page(about: Handover) -> str:
    """The whole file."""
    parts = [_section(heading, rows) for heading, rows in sections(about)]
    cards = [(table.name, table.address) for table in about.tables]
    parts.append(_section("Table codes", cards))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(about.venue)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(about.venue)}</h1><p>Handed over on {escape(when(about))}</p>"
        f"{''.join(parts)}</body></html>"
    )


def _section(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(words)}</td></tr>" for name, words in rows)
    return f"<h2>{escape(heading)}</h2><table>{lines}</table>"
