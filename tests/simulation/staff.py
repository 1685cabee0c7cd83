"""Everybody in the venue who is not a guest: cooks, whoever counts the shelf, who sells play time.

They go on until they are told to stop, and finish what they have begun. Cooks look at the board, which is the
box's own; a board that was read anew after a crash has to show what they left on it.
"""

from edge.core.afar.commands import ReleaseCommand
from edge.core.commands import AdvanceTicket, CountStock, TakeItemOff
from edge.core.play.commands import (
    CreditAccount,
    ExpirePlay,
    ExtendPlay,
    PausePlay,
    ResumePlay,
    StartPlay,
    StopPlay,
)
from edge.journal.writer import Accepted
from protocol.facts.account import COUNTER
from protocol.facts.play import PlaySession
from protocol.facts.play_events import Method
from tests.simulation import menus
from tests.simulation.shift import Shift
from tests.simulation.wifi import Device

_NEXT = {
    "fired": ("received", "received", "accepted", "preparing"),
    "received": ("accepted", "preparing", "ready"),
    "accepted": ("preparing", "ready"),
    "preparing": ("ready",),
    "ready": ("served", "served", "recalled"),
    "recalled": ("preparing", "ready"),
}
_HELD = "SELECT command_id FROM command_outcomes WHERE status = 'HELD'"
_BY = f"staff:{menus.MANAGER}"


async def cook(device: Device, station: str, shift: Shift) -> None:
    """Move the oldest tickets along; now and then reject one or ask for what cannot be."""
    while True:
        await device.think(4.0)
        life = device.premises.life
        tickets = life.board.tickets(station) if life is not None and life.alive else []
        if not tickets:
            if not shift.open:
                return
            continue
        ticket = device.dice.choice(tickets[:4])
        state = device.dice.choice(_NEXT.get(ticket.state, ("served",)))
        if device.dice.random() < 0.03:
            state = device.dice.choice(("rejected", "served", "received"))
        await device.ask(
            AdvanceTicket(ticket.fired.ticket, station, state, f"kitchen:{station}", device.mid("cook"))
        )


async def shelf(device: Device, shift: Shift) -> None:
    """Count things, take things off, put them back."""
    while shift.open:
        await device.think(25.0)
        dish = device.dice.choice((14, 19, 23))
        if device.dice.random() < 0.5:
            await device.ask(TakeItemOff(dish, device.dice.random() < 0.4, _BY, device.mid("off")))
        else:
            qty = device.dice.choice((None, 0, 2, 8, 30))
            await device.ask(CountStock(dish, qty, _BY, device.mid("count")))


async def approver(device: Device, shift: Shift) -> None:
    """Say yes or no to what was held, until there is nothing left of it."""
    while True:
        await device.think(15.0)
        held = device.premises.listed(_HELD)
        if not held and not shift.open:
            return
        for command_id in held:
            yes = device.dice.random() < 0.6
            await device.ask(ReleaseCommand(command_id, yes, _BY, device.mid("release")))


async def desk(device: Device, station: str, shift: Shift, pays_in: float = 0.6) -> None:
    """Sell time on a station: start, extend, pause, resume, and let it run out or stop it.

    `pays_in` is how often the guest pays something in before.
    """
    known = pays_in > 0.5  # nobody is lent to whom the venue does not know
    while shift.open:
        await device.think(18.0)
        session_id = f"play-{device.dice.getrandbits(64):x}"
        if device.dice.random() < pays_in or not known:
            await device.ask(_paid_in(device))
            known = True
        method: Method = "BALANCE" if device.dice.random() < 0.75 else "CASH"
        begun = await device.ask(
            StartPlay(
                session_id, f"{session_id}:1", station, device.dice.randrange(20, 120), method,
                device.dice.choice((200, 500, 1_500)), _BY,
                user_id=menus.REGULAR if method == "BALANCE" else None, mid=device.mid("play"),
                cloud_away=cloud_away(device), on_credit=device.dice.random() < 0.9,
            )
        )  # fmt: skip
        if isinstance(begun, Accepted):
            await _play(device, session_id)


async def _play(device: Device, session_id: str) -> None:
    for number in range(2, 2 + device.dice.randrange(4)):
        await device.think(15.0)
        roll = device.dice.random()
        if roll < 0.6:
            more = device.dice.randrange(10, 60)
            extend = ExtendPlay(session_id, f"{session_id}:{number}", more, _BY, "CASH", 100)
            await device.ask(_with_mid(extend, device))
            if device.dice.random() < 0.2:  # the same extension arrives on another way
                await device.ask(_with_mid(extend, device))
        elif roll < 0.8:
            await device.ask(PausePlay(session_id, "smoke", _BY, device.mid("pause")))
            await device.think(5.0)
            await device.ask(ResumePlay(session_id, _BY, device.mid("resume")))
        elif roll < 0.9:  # as a timer does that was overtaken by an extension
            await device.ask(ExpirePlay(session_id, device.mid("expire")))
        else:
            await device.ask(StopPlay(session_id, "left", _BY, device.mid("stop")))
            return
    while live(device, session_id):
        await device.think(10.0)


def _paid_in(device: Device) -> CreditAccount:
    """The regular guest pays in a little, which is known here from then on."""
    amount_minor = device.dice.randrange(50, 900)
    return CreditAccount(
        menus.REGULAR, device.mid("entry"), amount_minor, COUNTER, _BY, device.mid("paid-in")
    )


def cloud_away(device: Device) -> bool:
    """What the box knows of its link as it takes the request."""
    life = device.premises.life
    return life is not None and life.cut_off.sure()


def _with_mid(command: ExtendPlay, device: Device) -> ExtendPlay:
    return ExtendPlay(
        command.session_id, command.entitlement_id, command.seconds, command.by, command.method,
        command.amount_minor, device.mid("extend"),
    )  # fmt: skip


def live(device: Device, session_id: str) -> bool:
    """Whether somebody plays, as far as anybody knows while the box is down."""
    hot = device.premises.hot
    session = hot.committed(f"play:{session_id}") if hot is not None else None
    return hot is None or (isinstance(session, PlaySession) and session.live)
