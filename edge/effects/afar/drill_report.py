"""What an outage on purpose showed: facts are counted while it lasts, and told in sentences for an owner.

Pure. A finding is only ever about what happened: where nothing of a kind did, nothing is known, and the
report says so instead of calling it well. Counterpart: `drill.py` cuts the link and looks.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from edge.journal.writer import Committed
from protocol.facts.drill import Finding, Verdict
from protocol.facts.order import OrderConfirmed, OrderFailed
from protocol.facts.payment import Payment, PaymentCompleted, PaymentUnknown
from protocol.facts.play_events import PlayBegun, PlayExpired, PlayStopped
from protocol.facts.printout import PrintAsked, PrintBegun, PrintFinished
from protocol.facts.ticket import TicketAdvanced, TicketFired
from protocol.money import exponent, to_major

#: A ticket that no cook has seen for so long is not in time.
SLOW_ACK_S = 30.0


class Premises(msgspec.Struct, frozen=True):
    """How things stood at the end. `devices` maps a plug's or gate's name to its health, `agents` a PC to
    whether its agent is connected."""

    devices: dict[str, str]
    agents: dict[str, bool]
    printer_trouble: Sequence[str]
    unsynced: int
    unsynced_minor: int
    currency: str


class Seen:
    """What was committed since the link was cut."""

    def __init__(self) -> None:
        self.facts = 0
        self.orders = 0
        self.failed = 0
        self.fired: dict[str, int] = {}
        self.acked_s: dict[str, float] = {}
        self.slips: set[str] = set()
        self.printed: set[str] = set()
        self.paid = 0
        self.paid_minor = 0
        self.doubtful = 0
        self.begun = 0
        self.ended = 0

    def note(self, each: Committed) -> None:
        """One more fact."""
        self.facts += 1
        event: Any = each.fact.event
        match event:
            case OrderConfirmed():
                self.orders += 1
            case OrderFailed():
                self.failed += 1
            case TicketFired():
                self.fired[each.fact.aggregate] = each.fact.mono_ns
            case TicketAdvanced():
                self._acknowledged(each)
            case PrintAsked() | PrintBegun() | PrintFinished():
                self._printed(each.fact.aggregate, isinstance(event, PrintFinished))
            case PaymentCompleted() if isinstance(each.state, Payment):
                self.paid += 1
                self.paid_minor += each.state.initiated.amount_minor + each.state.initiated.tip_minor
            case PaymentUnknown():
                self.doubtful += 1
            case PlayBegun():
                self.begun += 1
            case PlayExpired() | PlayStopped():
                self.ended += 1

    def _printed(self, slip: str, finished: bool) -> None:
        self.slips.add(slip)
        if finished:
            self.printed.add(slip)

    def _acknowledged(self, each: Committed) -> None:
        fired_ns = self.fired.get(each.fact.aggregate)
        if fired_ns is not None and each.fact.aggregate not in self.acked_s:
            self.acked_s[each.fact.aggregate] = (each.fact.mono_ns - fired_ns) / 1e9


def findings(seen: Seen, premises: Premises) -> tuple[Finding, ...]:
    """One line for each thing that a venue lives by."""
    return (
        _orders(seen),
        _kitchen(seen),
        _printers(seen, premises),
        _payments(seen, premises),
        _play(seen),
        _plugs(premises),
        _agents(premises),
        _journal(seen, premises),
    )


def _orders(seen: Seen) -> Finding:
    if not seen.orders and not seen.failed:
        words = "Nobody ordered. Place an order from a phone during the next drill."
        return Finding("orders", "idle", words)
    words = f"{_many(seen.orders, 'order')} went through without the internet"
    failed = f", {_many(seen.failed, 'attempt')} failed" if seen.failed else ""
    return Finding("orders", "warn" if seen.failed else "good", f"{words}{failed}.")


def _kitchen(seen: Seen) -> Finding:
    if not seen.fired:
        return Finding(
            "kitchen", "idle", "No ticket was fired, so nobody knows whether the kitchen would hear."
        )
    missing = len(seen.fired) - len(seen.acked_s)
    if missing:
        verb = "was" if missing == 1 else "were"
        words = f"{missing} of {_many(len(seen.fired), 'ticket')} {verb} never acknowledged."
        return Finding("kitchen", "bad", words)
    slowest = max(seen.acked_s.values())
    verdict: Verdict = "warn" if slowest > SLOW_ACK_S else "good"
    words = f"All {len(seen.fired)} tickets were acknowledged, the slowest after {slowest:.0f} s."
    return Finding("kitchen", verdict, words)


def _printers(seen: Seen, premises: Premises) -> Finding:
    if premises.printer_trouble:
        return Finding("printers", "bad", premises.printer_trouble[0])
    if not seen.slips:
        return Finding("printers", "idle", "Nothing was printed.")
    waiting = len(seen.slips - seen.printed)
    if waiting:
        return Finding(
            "printers", "warn", f"{_many(waiting, 'slip')} of {len(seen.slips)} still wait for paper."
        )
    return Finding("printers", "good", f"All {_many(len(seen.slips), 'slip')} came out.")


def _payments(seen: Seen, premises: Premises) -> Finding:
    if seen.doubtful:
        words = f"The answer to {_many(seen.doubtful, 'payment')} was lost; look at the list after an outage."
        return Finding("payments", "warn", words)
    if not seen.paid:
        return Finding("payments", "idle", "Nobody paid.")
    worth = _money(seen.paid_minor, premises.currency)
    return Finding("payments", "good", f"{_many(seen.paid, 'payment')} worth {worth} were taken.")


def _play(seen: Seen) -> Finding:
    if not seen.begun and not seen.ended:
        return Finding("play", "idle", "No play session began or ended.")
    words = f"{_many(seen.begun, 'play session')} began and {seen.ended} ended, on the box's own clock."
    return Finding("play", "good", words)


def _plugs(premises: Premises) -> Finding:
    if not premises.devices:
        return Finding("plugs", "idle", "This venue has no plugs or routers to look after.")
    away = sorted(name for name, health in premises.devices.items() if health != "well")
    if away:
        return Finding("plugs", "bad", f"Not in order: {', '.join(away)}.")
    words = f"All {len(premises.devices)} answer; whatever is on carries its own off-timer or lease."
    return Finding("plugs", "good", words)


def _agents(premises: Premises) -> Finding:
    if not premises.agents:
        return Finding("agents", "idle", "This venue has no gaming PCs.")
    away = sorted(name for name, online in premises.agents.items() if not online)
    if away:
        return Finding("agents", "warn", f"No agent on: {', '.join(away)}.")
    return Finding(
        "agents", "good", f"All {_many(len(premises.agents), 'PC')} hold a lease and count down alone."
    )


def _journal(seen: Seen, premises: Premises) -> Finding:
    worth = _money(premises.unsynced_minor, premises.currency)
    words = (
        f"{_many(seen.facts, 'fact')} went to the box's own disk; {premises.unsynced} wait, worth {worth}."
    )
    return Finding("journal", "good" if seen.facts else "idle", words)


def _money(minor: int, currency: str) -> str:
    return f"{to_major(minor, currency):,.{exponent(currency)}f} {currency}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
