"""The box as a client of the venue's MQTT broker: Mosquitto in the field, anything that speaks 3.1.1.

Rule of the file: it connects for ever and never holds anybody up. Every wait has a deadline; a broker that
does not confirm in time counts as gone, and the connection is made anew. What could not be confirmed is
not kept here: whoever published it derives it again from the journal (`edge/effects/kitchen/stream.py`).

The session is persistent under the box's own client id, so the broker keeps what devices say while the box
is away (MQTT 3.1.1 §3.1.2.4). Its last will says `offline`, and so does the box when it goes on purpose.
"""

import asyncio
import contextlib
import logging
import random
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import aiomqtt
import msgspec

from protocol.kitchen import Publication

#: Deadline of every conversation with the broker.
ANSWER_S = 5.0
#: How long leaving may take.
GOODBYE_S = 1.0
#: A silent broker is noticed after one and a half times this.
KEEPALIVE_S = 10
#: The wait before a new attempt is a random part of this, doubled at every failure up to the most.
FIRST_WAIT_S = 0.25
MOST_WAIT_S = 5.0
#: A connection that lasted this long was a good one: the waits start small again.
GOOD_AFTER_S = 5.0
#: Unconfirmed messages on their way at once.
MOST_UNCONFIRMED = 64
#: Messages of devices that may wait for the loop; more are dropped, and devices say them again.
MOST_WAITING = 4096

#: A ticket must not wait for the broker's delayed TCP acknowledgement of what went before (Nagle, 40 ms).
_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

log = logging.getLogger(__name__)


class BadBrokerAddress(ValueError):
    """Not `mqtt://[user:password@]host[:port]`."""


class BrokerAddress(msgspec.Struct, frozen=True):
    """Where the broker is and as whom to speak to it."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False


def address_of(url: str) -> BrokerAddress:
    """Parse `mqtt://…` or `mqtts://…`; user and password percent-encoded. Raises `BadBrokerAddress`."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise BadBrokerAddress(f"{url!r}: {error}") from error
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path not in ("", "/"):
        raise BadBrokerAddress(f"{url!r} is not mqtt://user:password@host:port")
    tls = parts.scheme == "mqtts"
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return BrokerAddress(parts.hostname, port or (8883 if tls else 1883), user, password, tls)


def with_password(url: str, password: str) -> str:
    """A broker's address whose user gets a password. Raises `BadBrokerAddress` where there is no user."""
    address = address_of(url)
    if address.user is None:
        raise BadBrokerAddress(f"{url!r} names no user for whom a password would be")
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(
        netloc=f"{quote(address.user, safe='')}:{quote(password, safe='')}@{place}"
    ).geturl()


def wait_s(failures: int, chance: float) -> float:
    """Full-jitter back-off after `failures` attempts in a row; the caller draws `chance` from 0 to 1."""
    return chance * min(MOST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 16))


class Session(msgspec.Struct, frozen=True):
    """What the box says and hears in each connection; `greeting` makes its status anew each time.

    `received` gets topic, payload and whether the broker replays it from its store; `connected` is told
    True once the box is subscribed and has greeted, False when that is over. Neither may block or raise.
    """

    identifier: str
    subscription: str
    will: Publication
    greeting: Callable[[], Publication]
    received: Callable[[str, bytes, bool], None]
    connected: Callable[[bool], None]


class _Client(aiomqtt.Client):
    """Watches the broker's socket from the loop's thread alone, and none that was closed before that.

    The library connects in another thread and from there has the loop watch a socket's number, a turn later.
    If the connection breaks in between, that number may be a guest's socket by then, which nobody would hear
    any more; and a watch that is taken off in that thread races with the loop. So nothing is watched until
    connecting is over, and from then on only the loop's thread opens, closes and watches.
    """

    #: Whether somebody waits for this connection; one that was given up meanwhile is closed when it is there.
    _wanted = True
    _attached = False
    _writes = False

    async def __aenter__(self) -> Self:
        """See `aiomqtt.Client`; what is given up on the way is not left behind."""
        try:
            return await super().__aenter__()
        except (asyncio.CancelledError, aiomqtt.MqttError):
            self._wanted = False
            if self._attached:
                self._client.disconnect()
            raise

    def _client_connect(self) -> None:
        """In a thread of its own."""
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._attach)

    def _attach(self) -> None:
        """Connecting is over, well or not: watch the socket, if there is one and somebody wants it."""
        sock = self._client.socket()
        if sock is None or sock.fileno() < 0:
            return
        if not self._wanted:
            self._client.disconnect()
            sock.close()
            return
        self._attached = True
        self._loop.add_reader(sock.fileno(), self._read)
        self._misc_task = self._loop.create_task(self._misc_loop())
        if self._writes:
            self._watch(sock)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        """See `_attach`."""

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        if self._attached:
            self._attached = False
            super()._on_socket_close(client, userdata, sock)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._writes = True
        if self._attached:
            self._watch(sock)

    def _on_socket_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._writes = False
        if self._attached and sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())

    def _watch(self, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.add_writer(sock.fileno(), self._write)

    def _read(self) -> None:
        with self._breaking():
            self._client.loop_read()
            while (pending := getattr(self._client.socket(), "pending", None)) and pending() > 0:
                self._client.loop_read()  # what TLS has decoded already does not make the socket readable

    def _write(self) -> None:
        with self._breaking():
            self._client.loop_write()

    @contextlib.contextmanager
    def _breaking(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever it is, the connection is broken
            if not self._disconnected.done():
                self._disconnected.set_exception(error)


class MqttClient:
    """Runs one session for ever. `trouble` says in words why there is no connection; None while there is."""

    def __init__(self, address: BrokerAddress, session: Session, answer_s: float = ANSWER_S) -> None:
        self._address = address
        self._session = session
        self._answer_s = answer_s
        self._client: aiomqtt.Client | None = None
        self._scope: asyncio.Timeout | None = None
        self.trouble: str | None = "not connected yet"

    async def run(self) -> None:
        """Connect again and again; when cancelled, say goodbye and disconnect."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            _honour_cancellation()
            began = loop.time()
            try:
                await self._converse()
            except (aiomqtt.MqttError, TimeoutError, OSError) as error:
                self._note(error)
            failures = 0 if loop.time() - began > GOOD_AFTER_S else failures + 1
            await asyncio.sleep(wait_s(failures, random.random()))

    async def publish(self, publications: Iterable[Publication]) -> bool:
        """Whether the broker confirmed all. If not, the connection is given up and made anew."""
        client = self._client
        if client is None:
            return False
        waiting = list(publications)
        for at in range(0, len(waiting), MOST_UNCONFIRMED):
            async with asyncio.TaskGroup() as group:
                said = [
                    group.create_task(self._say(client, each)) for each in waiting[at : at + MOST_UNCONFIRMED]
                ]
            if not all(task.result() for task in said):
                return False
        return True

    async def _say(self, client: aiomqtt.Client, publication: Publication) -> bool:
        """One of several, whose failure must not reach their group: raised there together with a
        cancellation it would take the cancellation's place."""
        try:
            await _publish(client, publication)
        except (aiomqtt.MqttError, OSError) as error:
            self._give_up(client, error)
            return False
        return True

    async def _converse(self) -> None:
        """One connection, from CONNECT until it breaks."""
        async with self._dial() as client:
            try:
                await self._serve(client)
            except asyncio.CancelledError:
                with contextlib.suppress(aiomqtt.MqttError):
                    await _publish(client, self._session.will, GOODBYE_S)
                raise

    async def _serve(self, client: aiomqtt.Client) -> None:
        try:
            async with asyncio.timeout(None) as self._scope:
                await client.subscribe(self._session.subscription, qos=1)
                await _publish(client, self._session.greeting())
                _honour_cancellation()
                self._open(client)
                await self._listen(client)
        finally:
            self._close()

    def _dial(self) -> aiomqtt.Client:
        address, will = self._address, self._session.will
        return _Client(
            address.host,
            address.port,
            username=address.user,
            password=address.password,
            identifier=self._session.identifier,
            clean_session=False,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain),
            keepalive=KEEPALIVE_S,
            timeout=self._answer_s,
            max_queued_incoming_messages=MOST_WAITING,
            tls_context=ssl.create_default_context() if address.tls else None,
            socket_options=[_AT_ONCE],
            logger=log,
        )

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self._session.received(message.topic.value, payload, message.retain)

    def _open(self, client: aiomqtt.Client) -> None:
        client.pending_calls_threshold = MOST_UNCONFIRMED
        self._client, self.trouble = client, None
        log.info("connected to the broker at %s:%d", self._address.host, self._address.port)
        self._session.connected(True)

    def _close(self) -> None:
        self._scope = None
        if self._client is not None:
            self._client, self.trouble = None, "the connection broke"
            self._session.connected(False)

    def _give_up(self, client: aiomqtt.Client, error: Exception) -> None:
        """Unless it was given up already, end the conversation as if its time had run out.

        Many messages may miss one deadline: the later of them are told when the conversation ends already.
        """
        scope = self._scope
        if client is self._client and scope is not None and not scope.expired():
            log.warning("the broker does not confirm: %s", error)
            scope.reschedule(asyncio.get_running_loop().time())

    def _note(self, error: Exception) -> None:
        """Log a trouble once, however often it comes again."""
        trouble = str(error) or "no answer in time"
        if trouble != self.trouble:
            log.warning(
                "no connection to the broker at %s:%d: %s", self._address.host, self._address.port, trouble
            )
        self.trouble = trouble


def _honour_cancellation() -> None:
    """Raise the cancellation that `asyncio.wait_for`, by which aiomqtt waits, swallows before Python 3.12
    when it comes together with the answer (python/cpython#86296)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _publish(client: aiomqtt.Client, publication: Publication, within_s: float | None = None) -> None:
    topic, payload, retain = publication.topic, publication.payload, publication.retain
    try:
        await client.publish(topic, payload, qos=1, retain=retain, timeout=within_s)
    except ValueError as error:
        # A topic that MQTT forbids (a station named '#') can never be sent: to try for ever helps nobody.
        log.error("%r cannot be published: %s", topic, error)
