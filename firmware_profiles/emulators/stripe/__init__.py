"""A stand-in of Stripe's API for tests and the demo: payment intents, Checkout, refunds, payouts, webhooks.

    from firmware_profiles.emulators.stripe.standin import SECRET_KEY, StripeStandIn

    async with StripeStandIn(webhook_url="http://…/api/stripe/webhook") as stripe:
        Config(stripe_api=stripe.url, stripe_secret=SECRET_KEY, stripe_webhook_secret=stripe.webhook_secret)

What it answers is taken from docs.stripe.com (API reference, *Testing*, *Idempotent requests*, *Webhooks:
verify signatures*). It shares no code with the official SDK that talks to it. `api.py` serves, `books.py` is
what there is and what happens to it, `deliveries.py` brings webhooks, `hosted.py` is the payment page.
"""
