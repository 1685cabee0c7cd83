"""The cards with which Stripe lets people try things out, and what becomes of each.

Source: docs.stripe.com/testing. A number that is not listed is answered like a card with a wrong number.
"""

from typing import NamedTuple


class Fate(NamedTuple):
    """What happens when the card is charged. `refund` is how a refund to it goes in the end."""

    code: str = ""
    decline_code: str = ""
    message: str = ""
    authentication: bool = False
    refund: str = "succeeded"


GOOD = Fate()
_DECLINED = "Your card was declined."


def _decline(decline_code: str, message: str = _DECLINED, code: str = "card_declined") -> Fate:
    return Fate(code, decline_code, message)


FATES: dict[str, Fate] = {
    "4242424242424242": GOOD,
    "5555555555554444": GOOD,
    "4000000000000002": _decline("generic_decline"),
    "4000000000009995": _decline("insufficient_funds", "Your card has insufficient funds."),
    "4000000000009987": _decline("lost_card"),
    "4000000000009979": _decline("stolen_card"),
    "4000000000000069": _decline("expired_card", "Your card has expired.", "expired_card"),
    "4000000000000127": _decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc"),
    "4000000000000119": _decline(
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
        "processing_error",
    ),
    "4000002500003155": Fate(authentication=True),
    "4000002760003184": Fate(authentication=True),
    "4000000000007726": Fate(refund="pending"),
    "4000000000005126": Fate(refund="failed"),
}

#: Names of payment methods that stand for these cards.
METHODS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}

_WRONG = Fate("incorrect_number", "", "Your card number is incorrect.")


def fate_of(number: str) -> Fate:
    """What becomes of a charge to the card of this number, or of this `pm_card_…` name."""
    digits = METHODS.get(number, number).replace(" ", "")
    return FATES.get(digits, _WRONG)
