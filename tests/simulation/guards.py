"""Every guard that the product's promise rests on, and how to take it away.

With any one of them gone some history has to break an invariant; otherwise either nobody is looking, or the
guard guards nothing. `kinds` are the troubles under which it is needed. What is about money is in
`money_guards.py`, what is about bookings in `booking_guards.py`.
"""

from tests.simulation.booking_guards import BOOKING_GUARDS
from tests.simulation.guard import Guard
from tests.simulation.money_guards import MONEY_GUARDS

_WRITER = "edge.journal.writer:Writer"
_APPLIER = "cloud.ingest.applier:Applier"

GUARDS = (
    # ── the journal ──────────────────────────────────────────────────────────────────────────────
    Guard(
        "a repeat is known by its mid", f"{_WRITER}._earlier", "command.mid is None", "True", ("lossy wifi",)
    ),
    Guard(
        "nobody is answered before the commit",
        f"{_WRITER}._attempt",
        "await self._commit(batch, committer)",
        "self._answer(batch.answers); batch.answers = []; await self._commit(batch, committer)",
    ),
    Guard(
        "memory is read anew after a failed commit",
        f"{_WRITER}._abandon",
        "self._hot.discard()",
        "self._hot.commit()",
        ("failed commits",),
    ),
    Guard(
        "numbers are read anew after a failed commit",
        f"{_WRITER}._abandon",
        "self._stale = True",
        "self._stale = False",
        ("failed commits",),
    ),
    Guard(
        "a commit waits for the disk",
        "edge.journal.database:_connect",
        'connection.execute(f"PRAGMA {pragma}")',
        'connection.execute(f"PRAGMA {pragma}".replace("FULL", "NORMAL"))',
        ("box loses power",),
    ),
    # ── decisions ────────────────────────────────────────────────────────────────────────────────
    Guard(
        "a change names the version that was seen",
        "edge.core.orders.cart:_changeable",
        "item.version != command.version or ",
        "",
    ),
    Guard(
        "only its owner or the host changes a line",
        "edge.core.orders.cart:_changeable",
        "item.member != command.member_pid and ",
        "False and ",
    ),
    Guard(
        "an order names the cart that was seen",
        "edge.core.orders.order:_agreed_cart",
        "command.cart_hash is not None and command.cart_hash != cart_hash(live)",
        "False",
    ),
    Guard(
        "a cart that is being ordered is left alone",
        "edge.core.orders.cart:_may_mutate",
        "cart is not None and cart.lock is not None",
        "False",
        ("bad till",),
    ),
    Guard(
        "one order of a cart at a time",
        "edge.core.orders.order:_agreed_cart",
        "cart is not None and cart.lock is not None",
        "False",
        ("bad till", "lossy wifi"),
    ),
    Guard(
        "what is not there is not sold",
        "edge.core.orders.pricing:stock",
        "level is None or not (",
        "True or (",
    ),
    Guard(
        "options cost something",
        "edge.core.orders.pricing:Made.price_minor",
        "sum(option.price_minor for option in options) + ",
        "",
    ),
    Guard(
        "a till whose answer got lost is asked, not given up",
        "edge.effects.orders.point_of_sale:_Errand._hear",
        'log.warning("%s: attempt %d is in doubt: %s", self.order_id, attempt, unknown.reason)',
        'await self._attempt(FailOrder(self.order_id, attempt, "pos_unavailable", unknown.reason, True))',
        ("bad till",),
    ),
    Guard(
        "play ends when its time is used up and not before",
        "edge.core.play.session:expire",
        " or session.left_ns(now.boot, now.mono_ns) > 0",
        "",
    ),
    Guard(
        "an extension counts once, whichever way it comes",
        "edge.core.play.session:extend",
        "command.entitlement_id in session.granted or command.entitlement_id in session.offered",
        "False",
    ),
    Guard(
        "play time across a boot is reckoned until it is on disk",
        "edge.effects.play.timers:PlayTimers._dues",
        'return {(session_id, "reckon"): now.mono_ns / NS}',
        "return {}",
        ("box loses power", "full disk"),
    ),
    Guard(
        "a table has one session",
        "edge.core.tables.table:join",
        "view.open_session_at(command.table_code)",
        "None",
    ),
    Guard(
        "tickets move as they may",
        "edge.core.orders.kitchen:advance",
        "command.state not in TRANSITIONS[ticket.state]",
        "False",
    ),
    # ── what comes down ──────────────────────────────────────────────────────────────────────────
    Guard(
        "a menu is adopted once",
        "edge.core.afar.adoption:adopt_menu",
        "0 < command.down_seq <= cursor",
        "False",
        ("mangled frames",),
        trouble_every_s=5.0,
    ),
    Guard(
        "the cloud hears of what is on the box's disk",
        "edge.journal.handed:Handed.apply",
        "outcome = await self._writer.execute(command)",
        "self._writer.submit(command, lambda _outcome: None)\n    return True",
        ("slow disk", "failed commits"),
    ),
    Guard(
        "a hello tells what was applied",
        "cloud.ingest.admission:_mark",
        "if seq := cursors.get(stream):",
        "if seq := 0:",
        ("box killed", "crash points", "cut"),
        crash_odds=0.01,
    ),
    Guard(
        "a command of the cloud is taken once",
        "edge.core.afar.owner_commands:take",
        "view.owner_command(command.command_id) is not None",
        "False",
        ("cloud restored", "mangled frames", "cut"),
        trouble_every_s=5.0,
    ),
    Guard(
        "a command that came too late is not carried out",
        "edge.core.afar.owner_commands:take",
        "left_ms <= 0",
        "False",
        ("long outage",),
    ),
    Guard(
        "an order that lay in the cloud during an outage waits for the staff",
        "edge.core.afar.owner_commands:take",
        "command.waited_ms >= HELD_AFTER_MS",
        "False",
        ("partition",),
    ),
    Guard(
        "what a restart cut off is taken up again",
        "edge.effects.afar.errands:Errands.run",
        "for command_id in self._left_over:",
        "for command_id in ():",
        ("box killed", "crash points"),
        crash_odds=0.01,
        trouble_every_s=8.0,
    ),
    Guard(
        "an extension by the cloud counts once",
        "edge.core.afar.too_late:accept_extend",
        "command.extend_id in session.granted or command.extend_id in session.offered",
        "False",
    ),
    Guard(
        "what comes after the end is owed back once",
        "edge.core.afar.too_late:_request",
        "view.refund_request(request_id) is not None",
        "False",
    ),
    Guard(
        "after a restore new entries come after what the box has",
        "cloud.ingest.admission:_went_back",
        'return verdict.word == "resend" or other or',
        "return False and",
        ("cloud restored",),
        trouble_every_s=10.0,
    ),
    Guard(
        "a menu that was published since a restore is handed down again",
        "cloud.store.link.streams:missed",
        "known < seq <= cursor",
        "False",
        ("cloud restored",),
        trouble_every_s=10.0,
    ),
    # ── whose venue it is ────────────────────────────────────────────────────────────────────────
    Guard(
        "a box that lost facts is told",
        "cloud.ingest.judgement:_journal",
        "greeting.tail_seq < node.durable_seq",
        "False",
        epilogue="rolled-back card",
    ),
    Guard(
        "of two boxes with one card one is fenced",
        "cloud.ingest.judgement:_place",
        "node.rival_life == greeting.life and node.outlived_s > proof_s",
        "False",
        epilogue="cloned card",
    ),
    Guard(
        "what a box that lost its place has alone is kept",
        "cloud.ingest.orphanage:Orphanage.take",
        "await page.keep_orphans([entry.row[:-1] for entry in entries])",
        "pass",
        epilogue="cloned card",
    ),
    Guard(
        "a cloud that holds more than the box is not believed to be in step",
        "cloud.ingest.judgement:_journal",
        "greeting.acked_seq > node.durable_seq",
        "False",
        ("cloud restored",),
        trouble_every_s=10.0,
    ),
    Guard(
        "a box that was replaced has no place any more",
        "cloud.ingest.judgement:_place",
        "node.epoch != node.charge_epoch",
        "False",
        epilogue="replaced box",
        also=(
            (
                f"{_APPLIER}._hold_cursor",
                "held.epoch == held.charge_epoch == self._node.epoch and ",
                "",
            ),
        ),
    ),
    Guard(
        "orders and payments that only a replaced box knows of are counted",
        "cloud.ingest.orphanage:Orphanage.take",
        "await page.orphaned(venue_id, log_id, _summed(map(replay, histories.values())))",
        "pass",
        epilogue="replaced box",
    ),
    Guard(
        "a new box leaves out the numbers that the old one may have given out",
        "edge.journal.succession:_Arrival.__init__",
        "numbers.order_number + NUMBERS_LEFT_OUT",
        "numbers.order_number",
        epilogue="replaced box",
    ),
    Guard(
        "a new box has the shelf as it was",
        "edge.journal.succession:_Arrival._after",
        "level is not None and level.seq == seq",
        "False",
        epilogue="replaced box",
    ),
    Guard(
        "a piece of a snapshot that arrived damaged is fetched again",
        "edge.adapters.cloud.claiming:_Fetching._fetch",
        "snapshot.name_of(body) != sha256",
        "False",
        epilogue="replaced box",
    ),
    # ── what goes up ─────────────────────────────────────────────────────────────────────────────
    Guard(
        "a damaged run is not taken in",
        "cloud.ingest.ledger:Ledger.read",
        "link_hash != after",
        "False",
        ("mangled frames",),
        trouble_every_s=5.0,
    ),
    Guard(
        "what was taken before is not taken in again",
        "protocol.link_machine:CloudEnd._run",
        "last_seq <= self.taken_seq",
        "False",
        ("mangled frames", "cut"),
        trouble_every_s=5.0,
    ),
    Guard(
        "a peer of the last release hears nothing that it does not know",
        "edge.adapters.cloud.link.conversation:Conversation._digest",
        "end.protocol < 2 or ",
        "",
        ("old cloud",),
        trouble_every_s=30.0,
        also=(("protocol.link_machine:EdgeEnd.digest", " and self.protocol >= 2", ""),),
    ),
    Guard(
        "a run is stored by whoever speaks for the box, where the cloud's copy ends",
        f"{_APPLIER}._hold_cursor",
        "held = await page.lock(self._node.venue_id, self._node.node_id)",
        "return",
        ("cloud frozen", "commits in doubt"),
        trouble_every_s=2.0,
        also=(("cloud.ingest.presence:Presence._tell", "guest.superseded.set()", "pass"),),
    ),
    Guard(
        "facts, rows and cursor are one transaction",
        f"{_APPLIER}._quickly",
        "folded, venue_id = prepared.folded, self._ledger.venue_id",
        "folded, venue_id = prepared.folded, self._ledger.venue_id\n"
        "        await self._finish(page, prepared.entries[-1], folded, tail_seq)\n"
        "    async with self._books.transaction() as page:",
    ),
    Guard(
        "every row that changed is written",
        f"{_APPLIER}._quickly",
        "await page.upsert(venue_id, table, rows.values())",
        "pass",
    ),
    Guard(
        "nothing is acknowledged before it is stored",
        "protocol.link_machine:CloudEnd._run",
        "first_seq, self.taken_seq = self.taken_seq + 1, last_seq",
        "first_seq, self.taken_seq = self.taken_seq + 1, last_seq\n"
        "    self.committed(last_seq, message.chain_hash)",
    ),
    Guard(
        "a cloud that acknowledges nothing is left",
        "protocol.link_patience:Patience.complaint",
        "now_s - self._acked_s > ACKED_WITHIN_S",
        "False",
        ("mangled frames",),
        trouble_every_s=2.0,
    ),
    *MONEY_GUARDS,
    *BOOKING_GUARDS,
)
