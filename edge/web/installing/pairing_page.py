"""What a box that belongs to nobody yet shows whoever stands before it: a form, a code, or that it is done.

Rule of the file: text in, text out, no script. It has to work on the oldest phone there is, and on a screen
that somebody plugged into the box.
"""

import io
from html import escape

import segno

from protocol.pairing import Invited


def inviting(invited: Invited) -> str:
    """The page of a box that serves nobody; it looks again by itself while something may change."""
    again_s = 3 if invited.state != "off" else 0
    refresh = f'<meta http-equiv="refresh" content="{again_s}">' if again_s else ""
    return _PAGE.format(refresh=refresh, body=_body(invited))


def taken(*, paired: bool) -> str:
    """The page of a box that serves a venue; whoever is not its staff learns nothing here."""
    return _PAGE.format(refresh="", body=_PAIRED if paired else _STAFF_ONLY)


def _body(invited: Invited) -> str:
    trouble = f'<p class="trouble" role="status">{escape(invited.trouble)}</p>' if invited.trouble else ""
    if invited.state == "showing" and invited.expires_s:
        return _SHOWING.format(
            code=escape(invited.user_code),
            where=escape(invited.verification_uri),
            minutes=-(-invited.expires_s // 60),
            fingerprint=escape(invited.fingerprint),
            qr=_qr(f"{invited.verification_uri}/{invited.user_code}"),
            trouble=trouble,
        )
    if invited.state == "done":
        return _DONE.format(name=escape(invited.venue_name), trouble=trouble)
    if invited.state != "off":
        return _ASKING.format(cloud=escape(invited.cloud_url), trouble=trouble)
    return _FORM.format(cloud=escape(invited.cloud_url, quote=True), trouble=trouble)


def _qr(address: str) -> str:
    """For the owner's phone: the dashboard with the code typed in already."""
    drawing = io.BytesIO()
    segno.make(address, error="m").save(
        drawing, kind="svg", xmldecl=False, svgns=True, scale=5, border=2, omitsize=True
    )
    return drawing.getvalue().decode()


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}
<title>A new Holdfast box</title><link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/pair.css">
</head><body><main>{body}</main></body></html>"""
_FORM = """<h1>This box is new</h1>
<p>It belongs to no venue yet. Let it show a code, and type that into your dashboard: that is all.</p>
<form method="post" action="/pair"><label for="cloud_url">Your cloud</label>
<input id="cloud_url" name="cloud_url" type="url" required value="{cloud}"
 placeholder="https://cloud.example">
<button>Show a code</button></form>{trouble}
<p class="soft">No internet here? <code>holdfast-edge found</code> lets the box serve at once.
Pair it later.</p>"""
_ASKING = """<h1>One moment</h1><p>Asking {cloud} for a code…</p>{trouble}"""
_SHOWING = """<h1>Type this into your dashboard</h1><p class="code">{code}</p>
<p>at <strong>{where}</strong>, or scan:</p><div class="qr">{qr}</div>
<p class="soft">Good for {minutes} more minutes, once. The dashboard shows this box as
<span class="print">{fingerprint}</span>; if it shows another, say no.</p>{trouble}"""
_DONE = (
    """<h1>Paired with {name}</h1><p>Fetching what the venue has. This page goes on by itself.</p>{trouble}"""
)
_PAIRED = """<h1>This box has its venue</h1><p><a class="button" href="/staff">To the staff’s page</a></p>"""
_STAFF_ONLY = """<h1>This box serves a venue</h1><p>A manager pairs it with the cloud on the staff’s page,
under <em>More</em>.</p><p><a class="button" href="/staff">To the staff’s page</a></p>"""

#: Served beside the page, because the box allows no style within one.
STYLE = """:root { --ink:#14231f; --soft:#50615b; --ground:#f4f2ec; --paper:#fff; --kelp:#1d5b4f;
  --line:#d8d5cb; --coral:#a8382a; color-scheme: light dark }
@media (prefers-color-scheme: dark) { :root { --ink:#eef2ef; --soft:#a9b8b2; --ground:#0f1715;
  --paper:#18221f; --kelp:#7fcdb9; --line:#33413c; --coral:#ff9d8c } }
* { box-sizing: border-box }
body { margin:0; min-height:100vh; display:grid; place-items:center; padding:24px; background:var(--ground);
  color:var(--ink); font:18px/1.5 system-ui, sans-serif }
main { width:100%; max-width:560px; padding:32px; border:1px solid var(--line); border-radius:20px;
  background:var(--paper); text-align:center }
h1 { margin:0 0 12px; font-size:28px; line-height:1.2; text-wrap:balance }
.code { margin:16px 0; font:700 clamp(38px, 12vw, 64px)/1.1 ui-monospace, monospace; letter-spacing:.04em }
.qr svg { width:200px; height:200px; padding:8px; border-radius:12px; background:#fff }
.soft { color:var(--soft); font-size:15px }
.print, code { font-family:ui-monospace, monospace; white-space:nowrap }
.trouble { color:var(--coral); font-weight:600 }
form { display:grid; gap:8px; margin:24px 0; text-align:left }
label { font-weight:600 }
input, button, .button { min-height:52px; padding:8px 16px; border-radius:14px; font:inherit }
input { width:100%; border:1.5px solid var(--line); background:var(--ground); color:var(--ink) }
button, .button { display:inline-grid; place-items:center; border:0; background:var(--kelp);
  color:var(--paper); font-weight:700; text-decoration:none; cursor:pointer }
strong { overflow-wrap:anywhere }
:focus-visible { outline:3px solid var(--kelp); outline-offset:3px }
"""
