"""Which address of the API does what: a row each, with Stripe's own checks of what it is given.

Source: docs.stripe.com/api. Parameters that nobody here needs are taken and ignored. Stripe refuses a
misspelt one; what holds our callers to the right names are the types of the SDK.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from firmware_profiles.emulators.stripe import refusals
from firmware_profiles.emulators.stripe.books import Books, Thing

_MOST_LISTED = 100
_LEAST_MINOR = 50
_MOST_MINOR = 99_999_999


class Asked(NamedTuple):
    """One call: the account, where it answers, the object named in the path, and the parameters."""

    books: Books
    origin: str
    name: str
    given: dict[str, Any]


Act = Callable[[Asked], Thing]


def _amount(given: dict[str, Any], name: str = "amount") -> int:
    text = given.get(name)
    if text is None:
        raise refusals.lacking(name)
    if not str(text).isdecimal():
        raise refusals.invalid(f"Invalid integer: {text}", name)
    return int(text)


def _charged(amount: int) -> int:
    if amount < _LEAST_MINOR:
        raise refusals.invalid("Amount must be at least 50 cents.", "amount", "amount_too_small")
    if amount > _MOST_MINOR:
        raise refusals.invalid("Amount must be no more than 999,999.99.", "amount", "amount_too_large")
    return amount


def _currency(given: dict[str, Any]) -> str:
    currency = str(given.get("currency", "")).lower()
    if len(currency) != 3 or not currency.isalpha():
        raise refusals.invalid(f"Invalid currency: {currency}.", "currency", "parameter_invalid_string")
    return currency


def _metadata(given: dict[str, Any]) -> Thing:
    return {name: str(value) for name, value in (given.get("metadata") or {}).items()}


def create_intent(asked: Asked) -> Thing:
    """`POST /v1/payment_intents`."""
    amount, currency = _charged(_amount(asked.given)), _currency(asked.given)
    description = asked.given.get("description")
    intent = asked.books.intend(amount, currency, _metadata(asked.given), description=description)
    if asked.given.get("confirm") == "true":
        return asked.books.confirm(intent["id"], _method(asked.given), asked.origin)
    return intent


def _method(given: dict[str, Any]) -> str:
    typed = (given.get("payment_method_data") or {}).get("card") or {}
    card = given.get("payment_method") or typed.get("number")
    if not card:
        raise refusals.lacking("payment_method")
    return str(card)


def _expanded(asked: Asked, intent: Thing) -> Thing:
    if "latest_charge" not in asked.given.get("expand", []) or intent["latest_charge"] is None:
        return intent
    return {**intent, "latest_charge": asked.books.find("charge", intent["latest_charge"])}


def get_intent(asked: Asked) -> Thing:
    """`GET /v1/payment_intents/{id}`."""
    return _expanded(asked, asked.books.find("payment_intent", asked.name))


def list_intents(asked: Asked) -> Thing:
    """`GET /v1/payment_intents`."""
    return _page(asked, "payment_intent", lambda intent: True)


def confirm_intent(asked: Asked) -> Thing:
    """`POST /v1/payment_intents/{id}/confirm`."""
    return asked.books.confirm(asked.name, _method(asked.given), asked.origin)


def cancel_intent(asked: Asked) -> Thing:
    """`POST /v1/payment_intents/{id}/cancel`."""
    return asked.books.cancel(asked.name, asked.given.get("cancellation_reason"))


def create_session(asked: Asked) -> Thing:
    """`POST /v1/checkout/sessions`."""
    if asked.given.get("mode") != "payment":
        raise refusals.lacking("mode")
    if not asked.given.get("success_url"):
        raise refusals.lacking("success_url")
    lines = [_line(row) for row in asked.given.get("line_items") or []]
    if not lines:
        raise refusals.lacking("line_items")
    total = sum(line["amount"] * line["quantity"] for line in lines)
    return asked.books.open_session(
        asked.origin,
        amount_total=_charged(total),
        currency=lines[0]["currency"],
        metadata=_metadata(asked.given),
        client_reference_id=asked.given.get("client_reference_id"),
        customer_email=asked.given.get("customer_email"),
        success_url=asked.given["success_url"],
        cancel_url=asked.given.get("cancel_url"),
        expires_at=int(asked.given.get("expires_at", 0)) or None,
        _intent_metadata=_metadata(asked.given.get("payment_intent_data") or {}),
        _lines=lines,
    )


def _line(row: dict[str, Any]) -> Thing:
    price = row.get("price_data") or {}
    return {
        "name": str((price.get("product_data") or {}).get("name") or "Item"),
        "amount": _amount(price, "unit_amount"),
        "currency": _currency(price),
        "quantity": int(row.get("quantity", 1)),
    }


def get_session(asked: Asked) -> Thing:
    """`GET /v1/checkout/sessions/{id}`."""
    return asked.books.find("session", asked.name)


def expire_session(asked: Asked) -> Thing:
    """`POST /v1/checkout/sessions/{id}/expire`."""
    return asked.books.expire_session(asked.name)


def create_refund(asked: Asked) -> Thing:
    """`POST /v1/refunds`."""
    intent = asked.given.get("payment_intent")
    if not intent:
        raise refusals.lacking("payment_intent")
    amount = _amount(asked.given) if "amount" in asked.given else None
    return asked.books.refund(str(intent), amount, asked.given.get("reason"), _metadata(asked.given))


def get_refund(asked: Asked) -> Thing:
    """`GET /v1/refunds/{id}`."""
    return asked.books.find("refund", asked.name)


def list_refunds(asked: Asked) -> Thing:
    """`GET /v1/refunds?payment_intent=`."""
    intent = asked.given.get("payment_intent")
    return _page(asked, "refund", lambda refund: intent in (None, refund["payment_intent"]))


def get_charge(asked: Asked) -> Thing:
    """`GET /v1/charges/{id}`."""
    return asked.books.find("charge", asked.name)


def get_event(asked: Asked) -> Thing:
    """`GET /v1/events/{id}`."""
    return asked.books.find("event", asked.name)


def list_events(asked: Asked) -> Thing:
    """`GET /v1/events?type=`."""
    kind = asked.given.get("type")
    return _page(asked, "event", lambda event: kind in (None, event["type"]))


def list_balance_transactions(asked: Asked) -> Thing:
    """`GET /v1/balance_transactions?payout=`."""
    payout = asked.given.get("payout")
    page = _page(asked, "balance_transaction", lambda moved: payout in (None, moved.get("_payout")))
    if "data.source" in asked.given.get("expand", []):
        page["data"] = [{**moved, "source": _source(asked.books, moved)} for moved in page["data"]]
    return page


def _source(books: Books, moved: Thing) -> Any:
    named = str(moved["source"])
    kind = {"ch": "charge", "re": "refund", "po": "payout"}.get(named.partition("_")[0], "charge")
    return books.things[kind].get(named, named)


def list_payouts(asked: Asked) -> Thing:
    """`GET /v1/payouts`."""
    return _page(asked, "payout", lambda payout: True)


def _page(asked: Asked, kind: str, wanted: Callable[[Thing], bool]) -> Thing:
    """Newest first; `starting_after` and `limit` walk on, `ending_before` what came since."""
    found = [each for each in asked.books.newest(kind) if wanted(each)]
    found = _since(asked, found)
    names = [each["id"] for each in found]
    after, before = asked.given.get("starting_after"), asked.given.get("ending_before")
    if after in names:
        found = found[names.index(after) + 1 :]
    if before in names:
        found = found[: names.index(before)]
    most = min(int(asked.given.get("limit", 10)), _MOST_LISTED)
    shown = found[-most:] if before else found[:most]
    return {"object": "list", "data": shown, "has_more": len(found) > most, "url": f"/v1/{kind}s"}


def _since(asked: Asked, found: list[Thing]) -> list[Thing]:
    created = asked.given.get("created")
    least = int(created.get("gte", 0)) if isinstance(created, dict) else 0
    return [each for each in found if each["created"] >= least]


ROWS: tuple[tuple[str, str, Act], ...] = (
    ("POST", "/v1/payment_intents", create_intent),
    ("GET", "/v1/payment_intents", list_intents),
    ("GET", "/v1/payment_intents/{name}", get_intent),
    ("POST", "/v1/payment_intents/{name}/confirm", confirm_intent),
    ("POST", "/v1/payment_intents/{name}/cancel", cancel_intent),
    ("POST", "/v1/checkout/sessions", create_session),
    ("GET", "/v1/checkout/sessions/{name}", get_session),
    ("POST", "/v1/checkout/sessions/{name}/expire", expire_session),
    ("POST", "/v1/refunds", create_refund),
    ("GET", "/v1/refunds", list_refunds),
    ("GET", "/v1/refunds/{name}", get_refund),
    ("GET", "/v1/charges/{name}", get_charge),
    ("GET", "/v1/events", list_events),
    ("GET", "/v1/events/{name}", get_event),
    ("GET", "/v1/balance_transactions", list_balance_transactions),
    ("GET", "/v1/payouts", list_payouts),
)
