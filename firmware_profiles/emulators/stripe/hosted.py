"""The payment page on which a guest types a card: ours never sees one.

It stands for Stripe's hosted Checkout and the page of a bank that asks its customer. Plain HTML without
scripts; it says in its first line that no money moves.
"""

from html import escape
from typing import Any

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>
*{{box-sizing:border-box}}body{{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f6f8fa;color:#1a1f36}}
main{{max-width:26rem;margin:0 auto;padding:1.5rem 1rem}}p.note{{background:#fff4d6;color:#5c4400;
border-radius:6px;padding:.4rem .7rem;font-size:.9rem}}
h1{{font-size:1rem;font-weight:500;color:#4f566b;margin:1rem 0 0}}
.sum{{font-size:2.2rem;font-weight:650;margin:0 0 1rem}}li{{display:flex;justify-content:space-between}}
ul{{list-style:none;padding:0;margin:0 0 1rem}}form{{background:#fff;border-radius:10px;padding:1rem;
box-shadow:0 1px 4px #0002}}label{{display:block;font-size:.9rem;font-weight:550;margin:.6rem 0 .2rem}}
input{{width:100%;font:inherit;padding:.6rem;border:1px solid #8792a2;border-radius:6px}}
.two{{display:grid;grid-template-columns:1fr 1fr;gap:.7rem}}button{{width:100%;margin-top:1rem;
min-height:48px;font:inherit;font-weight:600;color:#fff;background:#0a5ccf;border:0;
border-radius:6px;cursor:pointer}}
.wrong{{color:#b3093c;font-weight:550}}a{{display:inline-block;padding:.7rem 0;color:#0a5ccf}}
button.no{{background:#fff;color:#1a1f36;border:1px solid #8792a2}}</style></head>
<body><main><p class="note">Test mode: a stand-in of Stripe. No money moves.</p>{body}</main></body></html>"""

_CARD = """<h1>{description}</h1><p class="sum">{amount}</p><ul>{lines}</ul>
<form method="post"><p class="wrong" role="alert">{wrong}</p>
<label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="cc-number" required
value="4242 4242 4242 4242">
<div class="two"><div><label for="expiry">Expiry</label>
<input id="expiry" name="expiry" autocomplete="cc-exp" value="12 / 34" required></div>
<div><label for="cvc">CVC</label>
<input id="cvc" name="cvc" inputmode="numeric" value="123" required></div></div>
<button>Pay {amount}</button></form>{back}"""

_BANK = """<h1>Your bank asks</h1><p>Do you agree to pay <strong>{amount}</strong>?</p>
<form method="post"><button name="agreed" value="yes">I agree</button>
<button class="no" name="agreed" value="no">No</button></form>"""


def amount_of(minor: int, currency: str) -> str:
    """`12.50 EUR`; currencies without cents as they are."""
    if currency in ("jpy", "krw", "clp", "vnd"):
        return f"{minor} {currency.upper()}"
    return f"{minor // 100}.{minor % 100:02} {currency.upper()}"


def payment_page(session: dict[str, Any], wrong: str = "") -> str:
    """Where the card is typed in."""
    currency = session["currency"]
    lines = "".join(
        f"<li><span>{line['quantity']} × {escape(line['name'])}</span>"
        f"<span>{amount_of(line['amount'] * line['quantity'], currency)}</span></li>"
        for line in session["_lines"]
    )
    cancel = session.get("cancel_url")
    back = f'<a href="{escape(cancel)}">Back</a>' if cancel else ""
    amount = amount_of(session["amount_total"], currency)
    description = "Pay by card"
    body = _CARD.format(description=description, amount=amount, lines=lines, wrong=escape(wrong), back=back)
    return _PAGE.format(title=f"Pay {amount}", body=body)


def bank_page(intent: dict[str, Any]) -> str:
    """Where the card's owner says yes or no."""
    amount = amount_of(intent["amount"], intent["currency"])
    return _PAGE.format(title="Your bank", body=_BANK.format(amount=amount))


def words_page(words: str) -> str:
    """A page that only says something."""
    return _PAGE.format(title="Stripe stand-in", body=f"<h1>{escape(words)}</h1>")
