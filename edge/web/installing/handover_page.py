"""The installer's report as one HTML file, for a screen or a mail: the same words as on paper, no script."""

import io
from html import escape

import segno

from edge.journal.handover import Handover, TableCard
from edge.web.installing.handover_paper import sections, when

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:760px;margin:40px auto;padding:0 20px;color:#14231f}"
    "h1{color:#1d5b4f;margin-bottom:0}h2{font-size:18px;margin:28px 0 8px}p{color:#5a6a64;margin-top:4px}"
    "table{width:100%;border-collapse:collapse}th,td{padding:7px 0;border-top:1px solid #d8d5cb;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{width:34%;color:#5a6a64;font-weight:400}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr))}"
    "figure{margin:0;padding:12px;border:1px dashed #c9c5b8;text-align:center;break-inside:avoid}"
    "figure svg{width:100%;max-width:180px}figcaption{font-size:12px;color:#5a6a64;overflow-wrap:anywhere}"
    "figcaption strong{display:block;font-size:18px;color:#14231f}@media print{.codes{break-before:page}}"
)


def page(about: Handover) -> str:
    """The whole file."""
    parts = [_section(heading, rows) for heading, rows in sections(about)]
    cards = "".join(_card(table) for table in about.tables)
    parts.append(f'<h2 class="codes">Table codes</h2><div class="cards">{cards}</div>')
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(about.venue)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(about.venue)}</h1><p>Handed over on {escape(when(about))}</p>"
        f"{''.join(parts)}</body></html>"
    )


def _section(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(words)}</td></tr>" for name, words in rows)
    return f"<h2>{escape(heading)}</h2><table>{lines}</table>"


def _card(table: TableCard) -> str:
    """A code to cut out; as sharp on paper as on the screen."""
    drawing = io.BytesIO()
    segno.make(table.address, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True
    )
    return (
        f"<figure>{drawing.getvalue().decode()}<figcaption><strong>{escape(table.name)}</strong>"
        f"{escape(table.address)}</figcaption></figure>"
    )
