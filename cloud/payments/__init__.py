"""Card money: asking a provider for it, hearing how it went, giving it back. One port, one table of states.

    gateway.py         the port: what is asked of a provider and how it answers; no call ever says 'I crashed'
    stripe_gateway.py  the port by Stripe's official SDK
    cards.py           `Cards`: begin, look, cancel, refund; everything is on disk before Stripe hears of it
    purposes.py        what a payment is for; whoever takes money registers what follows from it
    events.py          what a webhook event says, purely
    webhook.py         `POST /api/stripe/webhook`: verified, stored by event id, applied once in any order
    asking.py          the loop that asks about whatever nobody knows

To take money for something of your own:

    cards.purposes.on("shop_order", settled)      # async settled(connection, payment: CardPayment) -> None
    opened = await cards.begin(Wanted(payment_id=…, purpose="shop_order", subject=order_id, lines=…, …))
    redirect to opened.url                        # Stripe's page, where lines were given
    payment = await cards.look(organisation_id, payment_id)      # when the guest is back from it

`settled` runs once for each of COMPLETED, FAILED and REFUNDED, in the transaction that writes the state down,
whether redirect, webhook or the loop was first. Tests run against `firmware_profiles/emulators/stripe`.
"""
