"""How Stripe says no: the error object of its API, with type, code and HTTP status.

Source: docs.stripe.com/api/errors and docs.stripe.com/error-codes.
"""

from typing import Any


class StripeRefusal(Exception):
    """One error answer. `status` is HTTP's; `details` go into the error object as they are."""

    def __init__(self, status: int, kind: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **details}}


def missing(kind: str, name: str) -> StripeRefusal:
    """There is no such object: 404 `resource_missing`."""
    return StripeRefusal(
        404,
        "invalid_request_error",
        f"No such {kind}: '{name}'",
        code="resource_missing",
        param="intent" if kind == "payment_intent" else "id",
    )


def invalid(message: str, param: str, code: str = "parameter_invalid_integer") -> StripeRefusal:
    """A parameter that does not do."""
    return StripeRefusal(400, "invalid_request_error", message, code=code, param=param)


def lacking(param: str) -> StripeRefusal:
    """A parameter that has to be there."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def declined(intent: dict[str, Any]) -> StripeRefusal:
    """The card was refused: 402 with the intent as it is now."""
    error = {
        key: value for key, value in intent["last_payment_error"].items() if key not in ("type", "message")
    }
    return StripeRefusal(
        402, "card_error", intent["last_payment_error"]["message"], payment_intent=intent, **error
    )


def unauthenticated() -> StripeRefusal:
    """No key, or one that nobody was given."""
    return StripeRefusal(401, "invalid_request_error", "Invalid API Key provided.")


def key_reused() -> StripeRefusal:
    """An idempotency key came again with other parameters."""
    return StripeRefusal(
        400,
        "idempotency_error",
        "Keys for idempotent requests can only be used with the same parameters they were first used with.",
    )


def key_in_use() -> StripeRefusal:
    """The first request with this key has not ended."""
    return StripeRefusal(
        409,
        "idempotency_error",
        "There is currently another in-progress request using this Idempotent Key.",
        code="idempotency_key_in_use",
    )
