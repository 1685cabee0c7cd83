"""Every reason for which Holdfast says no, with the HTTP status it travels under.

Rule of the file: a code is stable for ever, because tills and kitchen screens of strangers decide by
it; the sentence beside it is for a person and may be reworded. `Refusal` is a value that pure code
returns; `Refused` is the same thing raised where a web handler has to leave early.

Counterpart: `contract.md` lists the codes seen from outside; `schema/` publishes this table.
"""

from typing import Any

import msgspec

#: code -> (HTTP status, sentence a person can act on). Grouped by who has to act.
CODES: dict[str, tuple[int, str]] = {
    # the guest
    "pass_required": (403, "Enter the venue's pass word first."),
    "wrong_pass": (403, "That is not today's pass word."),
    "not_authorised": (403, "Only the person who added this, or the host, may change it."),
    "not_at_venue": (403, "Orders can only be placed from inside the venue."),
    "version_conflict": (409, "Somebody changed this item first; here is how it stands now."),
    "cart_changed": (409, "The cart has changed since you looked; please check it again."),
    "cart_empty": (409, "There is nothing in the cart to order."),
    "cart_full": (409, "This cart holds as many lines as a cart can; please order first."),
    "cart_locked": (409, "An order is being processed; the cart can be changed again in a moment."),
    "order_in_progress": (409, "Order already being processed."),
    "order_failed": (502, "The order did not go through; please try again."),
    "sold_out": (409, "That has just sold out."),
    "recalled": (409, "That is no longer on the menu."),
    "price_lapsed": (409, "The price was held for as long as it is here; please agree to the new one."),
    "not_available": (409, "That is not served now."),
    # the guest who designs something
    "text_too_long": (409, "The text does not fit; please make it shorter."),
    "text_not_printable": (409, "Some of these letters cannot be printed."),
    "picture_unreadable": (415, "Send a picture as JPEG, PNG or WebP."),
    "picture_too_large": (413, "This picture is too large; 12 MB and 50 megapixels is the most."),
    "pictures_full": (409, "The box holds as many pictures as it can; please ask the staff."),
    "picture_missing": (409, "The picture of this design is not here; please choose it again."),
    "variant_unavailable": (409, "This size or colour is not to be had; please choose another."),
    "design_empty": (409, "There is nothing on it yet; add a picture or a text."),
    "design_final": (409, "This design has been handed over; make a copy to change it."),
    "design_conflict": (409, "This design was changed somewhere else; here is how it stands now."),
    "not_ready": (409, "This is not finished yet."),
    "painter_busy": (503, "The picture could not be painted just now; please try again."),
    # the caller's program
    "invalid": (400, "The message is not understood."),
    "malformed": (400, "The message is not valid JSON."),
    "too_large": (413, "The message is larger than 64 KiB."),
    "unsupported_type": (415, "Send JSON (Content-Type: application/json)."),
    "method_not_allowed": (405, "This address does not answer to that method."),
    "mid_reused": (409, "This mid was already used for something else."),
    "not_found": (404, "There is nothing at this address."),
    "unknown_table": (404, "No table has this code."),
    "unknown_session": (404, "There is no such table session."),
    "unknown_item": (404, "There is no such item in this cart."),
    "unknown_menu_item": (404, "That is not on the menu."),
    "unknown_ticket": (404, "There is no such ticket at this station."),
    "unknown_order": (404, "There is no such order."),
    "unknown_design": (404, "There is no such design of yours."),
    "unknown_product": (404, "The venue does not sell that."),
    "unknown_picture": (404, "There is no such picture."),
    "unknown_job": (404, "There is no such job."),
    "unknown_course": (404, "No such course of this order waits."),
    "unknown_station": (404, "There is no such station."),
    "unknown_play_session": (404, "There is no such play session."),
    "unknown_booking": (404, "There is no such booking."),
    "unknown_zone": (404, "There is no station in this zone."),
    "unknown_payment": (404, "There is no such payment."),
    "unknown_code": (404, "Nobody was given this code."),
    "unknown_balance": (404, "Nobody has a balance under this name here."),
    "illegal_transition": (409, "The ticket cannot go to that state from where it is."),
    "lock_held": (409, "The cart is rightly held by an order under way."),
    "pos_in_doubt": (409, "The point of sale may have taken this order; that has to be found out first."),
    "stale_answer": (409, "The order has moved on since the point of sale was asked."),
    # at the counter
    "station_busy": (409, "Somebody is playing there."),
    "station_in_maintenance": (409, "This station is out of service."),
    "session_not_active": (400, "This session does not run."),
    "session_ended": (400, "This session has ended."),
    "payment_required": (402, "This has to be paid first."),
    "insufficient_balance": (400, "There is not enough on this balance."),
    "credit_exhausted": (409, "Guests owe the venue as much already as the owner allows."),
    "nothing_owed": (409, "Nothing is owed for that."),
    "code_used": (409, "This code has been used."),
    "station_booked": (409, "The station is booked for somebody by then."),
    "slot_taken": (409, "Somebody has that station at that time."),
    "no_such_time": (409, "There is no such time; say it like 2026-11-21T18:00."),
    "booking_past": (409, "That time has passed."),
    "booking_too_far": (409, "Bookings are not taken that far ahead."),
    "booking_too_long": (409, "Nobody can book that long."),
    "booking_over": (409, "This booking is over already."),
    "booking_not_missed": (409, "The guest may still come."),
    "deposit_pending": (409, "The card for the deposit is under way; say first how it went."),
    "nothing_to_pay": (409, "No deposit is asked for, or it is there already."),
    # the staff
    "unknown_bill": (404, "Nothing was ever charged there."),
    "unknown_line": (404, "There is no such line on this bill."),
    "unknown_share": (404, "The bill has no such share."),
    "unknown_alarm": (404, "This alarm is not up any more."),
    "unknown_member": (404, "Nobody of that name sits at this table."),
    "unknown_receipt": (404, "There is no receipt of this number."),
    "unknown_shift": (404, "There is no such shift."),
    "unknown_device": (404, "There is no such device; look at the list of devices again."),
    "device_adopted": (409, "This device is in service already."),
    "station_has_plug": (409, "This station has a plug already; replace that one instead."),
    "station_has_gate": (409, "Another router looks after this station already."),
    "device_unreachable": (409, "The device does not answer; look at its mains, cable and Wi-Fi."),
    "device_busy": (409, "The device asks to be left alone for a moment; try again then."),
    "device_refused": (409, "The device does not accept this user and pass word."),
    "device_confused": (409, "The device does not answer as its kind does; nothing was changed."),
    "device_outdated": (409, "The device's firmware is too old; bring it up to date with the vendor's app."),
    "device_other": (409, "Another device answers at this address now; look for devices again."),
    "device_nameless": (
        409,
        "The device tells neither a MAC nor a serial number, so it cannot be known again.",
    ),
    "kitchen_silent": (
        409,
        "No screen of this kitchen station answered the test ticket; look at its power, network and sign-in.",
    ),
    "printer_stopped": (409, "The printer is there and cannot print; look at its paper and cover."),
    "address_unknown": (409, "The router has not seen this machine yet; switch it on and try again."),
    "table_free": (409, "Nobody sits at this table."),
    "table_taken": (409, "Somebody sits at that table already; put the tables together instead."),
    "bill_merged": (409, "This bill was put together with another one."),
    "bill_part_paid": (409, "Some of this bill is paid already; please settle it first."),
    "split_in_use": (409, "A share of this bill is paid already; the shares cannot change any more."),
    "overpays": (409, "That is more than is owed now; please look at the bill again."),
    "nothing_due": (409, "Nothing is owed."),
    "not_paid_in": (409, "This money has not come, so there is no slip of it."),
    "tendered_short": (409, "That is less than has to be paid."),
    "method_unavailable": (409, "This venue does not take that kind of payment."),
    "payment_under_way": (409, "A payment of this bill is under way; please wait for it."),
    "payment_online": (409, "The card provider says how this payment goes; ask it instead."),
    "cloud_away": (409, "Paying online needs the internet, and the venue has none now."),
    "offline_cards_off": (409, "The owner has not allowed cards that only the terminal knows of."),
    "cloud_reachable": (409, "The internet is there; have the terminal send this card now."),
    "over_offline_limit": (409, "That is more than may be stored on the terminal."),
    "payment_final": (409, "This payment has come to its end already."),
    "refund_too_high": (409, "There is not so much left of this payment to give back."),
    "no_printer": (409, "The venue has no printer for this."),
    "shift_open": (409, "A shift is open at this till already."),
    "shift_closed": (409, "This shift was closed."),
    "unknown_command": (404, "There is no such command here."),
    "command_settled": (409, "This has been decided already."),
    "unknown_request": (404, "There is no such request."),
    "request_settled": (409, "Somebody has decided about this already."),
    "unknown_note": (404, "There is no such message."),
    "unknown_drill": (404, "There is no such drill."),
    # the shop
    "collect_only": (409, "Some of this can only be collected at the venue."),
    "products_changed": (409, "Somebody changed these products first; load them again."),
    "not_on_sale": (409, "The venue does not sell this any more."),
    "not_shipped_there": (409, "The venue does not ship to this country."),
    "parcel_too_heavy": (409, "That is too heavy for one parcel; please order in two parts."),
    "not_collected": (409, "The venue ships only; please give an address."),
    "order_too_large": (409, "That is more than one payment can be; please order in parts."),
    "nothing_to_refund": (409, "No money of this order is here that could go back by card."),
    "render_not_ready": (409, "The final picture is not painted yet; please try again in a moment."),
    "order_paid": (409, "This order is paid already."),
    "order_over": (409, "This order was cancelled; please order anew."),
    "order_changed": (409, "Somebody changed this order first; here is how it stands now."),
    "link_unknown": (404, "This link was used already or has run out; ask for another."),
    "card_unavailable": (503, "Payments by card do not work just now; please try again in a moment."),
    "rules_changed": (409, "Somebody changed these rules first; load them again."),
    "rules_contradict": (400, "These rules contradict themselves."),
    # whoever holds the credentials
    "unauthenticated": (401, "A valid token is needed."),
    "token_invalid": (401, "This token is not valid here."),
    "token_expired": (401, "This token has expired; sign in again."),
    "session_closed": (401, "This table has been closed; scan its code again."),
    "wrong_pin": (401, "User or PIN is not right."),
    "forbidden": (403, "Your role does not allow this."),
    "beyond_reach": (403, "This is about more than the venues that are yours."),
    "rate_limited": (429, "Too many attempts; please wait a moment."),
    # the owner, in the cloud
    "wrong_login": (401, "E-mail or password is not right."),
    "csrf_failed": (403, "This page is out of date; load it again."),
    "totp_required": (401, "Enter the code that your authenticator shows."),
    "wrong_code": (401, "That code is not right, or it was used already."),
    "wrong_password": (403, "Your password is not right."),
    "weak_password": (400, "A password needs at least 10 characters."),
    "totp_off": (409, "There is no second factor to confirm or to switch off; load the page again."),
    "totp_on": (409, "A second factor is in use already; switch it off first."),
    "last_owner": (409, "An organisation needs an owner; make somebody else one first."),
    "email_taken": (409, "Somebody has an account under this e-mail address."),
    "invitation_unknown": (404, "This invitation was used, taken back, or has run out; ask for another."),
    "unknown_person": (404, "There is no such person in your organisation."),
    "unknown_token": (404, "There is no such token in your organisation."),
    "unknown_login": (404, "There is no such login of yours."),
    "draft_changed": (409, "A colleague saved this menu in the meantime; here is how it stands now."),
    "menu_conflict": (409, "A colleague published this menu in the meantime; look at the difference again."),
    "menu_flawed": (400, "This menu cannot be sold from as it is."),
    "unknown_menu_version": (404, "There is no such version of this menu."),
    "staff_taken": (409, "Somebody at this venue has that user name already."),
    "unknown_staff": (404, "Nobody at this venue has that user name."),
    "unknown_brand": (404, "There is no such brand in your organisation."),
    "unknown_venue": (404, "There is no such venue among yours."),
    "unknown_export": (404, "There is no such export."),
    "export_not_ready": (409, "This export cannot be fetched now; look at its state."),
    "too_many_exports": (409, "Several exports are being written already; wait for one to be done."),
    "unknown_wallet": (404, "There is no such wallet."),
    "wrong_currency": (409, "The venue takes another currency."),
    "refund_at_venue": (
        409,
        "Give this back under the venue's payments or on its staff's page; the card gets it by itself.",
    ),
    "provider_silent": (503, "The card provider does not answer now; try again later."),
    "bad_signature": (400, "The signature does not fit what was sent."),
    "claim_unknown": (404, "There is no such claim code, or it has run out."),
    "claim_used": (409, "This claim code was used by another box; make a new one."),
    "claim_stale": (409, "Another box has taken the place that this code was made for; make a new one."),
    "claim_not_empty": (
        409,
        "There was a box before, and this one has served already; use an empty data directory.",
    ),
    "claim_elsewhere": (409, "This box belongs to another venue than the code."),
    "claim_needless": (409, "This box has its place in the venue already; just start it."),
    "claim_too_old": (409, "This venue had a box before; install the present release on this one first."),
    "snapshot_gone": (404, "There is no such snapshot; claim the box again."),
    "authorization_pending": (400, "Nobody has typed the code into the dashboard yet; ask again."),
    "slow_down": (400, "That is too often; ask less often."),
    "expired_token": (400, "This code has run out; ask for another."),
    "pairing_unknown": (404, "No box shows this code, or it has run out; look at the box again."),
    "pairing_used": (409, "Somebody has typed this code in already; each works once."),
    "pairing_not_empty": (
        409,
        "This box has served by itself already. Make it a place of its own; it cannot take another's.",
    ),
    "pairing_empty": (409, "This box has nothing to found a place on; let it take the place of a venue."),
    "pairing_taken": (409, "This place has been founded already."),
    "already_paired": (409, "This box belongs to a venue already; replace it from the dashboard."),
    "epoch_moved": (409, "Another box has taken over in the meantime; look at the venue again."),
    "crowded": (503, "Very many boxes come back at once; come again as the answer says."),
    "going_away": (503, "This process is going away; the next try meets another one."),
    "pages_not_built": (503, "The owner page is not built; run `make pages`."),
    # the venue
    "not_configured": (503, "This box has no menu or tables yet."),
    "box_replaced": (410, "This box was replaced and no longer serves; please use the new one."),
    "storage_failed": (503, "The box cannot write to its disk; nothing was changed."),
    "internal": (500, "Something went wrong on the box; nothing was changed."),
}


class Refusal(msgspec.Struct, frozen=True):
    """One named no. `detail` is merged into the answer (for example the current `item`)."""

    code: str
    message: str
    detail: dict[str, Any] | None = None
    retry_after_s: int | None = None

    @property
    def status(self) -> int:
        """HTTP status under which this refusal travels."""
        return CODES[self.code][0]


def refuse(
    code: str,
    message: str | None = None,
    *,
    detail: dict[str, Any] | None = None,
    retry_after_s: int | None = None,
) -> Refusal:
    """The refusal for `code`, in the table's words unless better ones are given."""
    return Refusal(code, message or CODES[code][1], detail, retry_after_s)


class Refused(Exception):
    """A `Refusal` on its way up a call stack; the nearest surface turns it into an answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
