"""The venue of the demo at work: every process, in the order in which they need each other.

Postgres, then the hardware, the cloud, the broker, the internet between, and the box last. Leaving ends
them the other way round, so the box says goodbye while everybody can still hear it.
"""

import asyncio
import contextlib
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from edge.demo import founding, hardware, kiosk
from edge.demo.access import BrokerPlan, accounts_of
from edge.demo.addresses import LOOPBACK, ask, listens, public_host, reach
from edge.demo.announcement import Announcement, announce
from edge.demo.broker_files import Kind, prepare_broker
from edge.demo.children import Child, ChildFailed, Surroundings
from edge.demo.control import ELSEWHERE, Control
from edge.demo.internet import Internet
from edge.demo.record import Founded, Record, choose_port, save

#: Longest wait for everything to be up; making a database cluster on an SD card takes its time.
_UP_WITHIN_S = 180.0
_LOOK_EVERY_S = 0.1


class Options(msgspec.Struct, frozen=True):
    """What was asked for on the command line. `ports` are wishes by name; `host` is where phones come in."""

    data: Path
    host: str = LOOPBACK
    ports: dict[str, int] = {}
    broker: Kind = "auto"
    again: bool = True


class Demo:
    """A venue and its cloud. `running` brings them up; `announce` says where everything is."""

    def __init__(self, options: Options, record: Record, held: int) -> None:
        self._options = options
        self._record = record
        logs = options.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._around = Surroundings(logs, (held,), options.again)
        self._children: dict[str, Child] = {}
        self._group = asyncio.TaskGroup()
        self._stack = contextlib.AsyncExitStack()
        self._one_kiosk = asyncio.Lock()
        self._plan = BrokerPlan(options.host, self._port("mqtt", options.host), ())
        self.internet = Internet(LOOPBACK, self._port("cloud"))
        edge_port = self._port("edge", options.host)
        #: The box as phones reach it, and as this machine does.
        self.edge_url = f"http://{public_host(options.host)}:{edge_port}"
        self.local_edge_url = f"http://{reach(options.host)}:{edge_port}"

    def _port(self, name: str, host: str = LOOPBACK) -> int:
        return choose_port(self._record, name, host, self._options.ports.get(name))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Demo"]:
        """Everything is up within the block. Raises `ChildFailed` when something does not come up."""
        async with self._group, self._stack:
            try:
                async with asyncio.timeout(_UP_WITHIN_S):
                    await self._bring_up()
            except TimeoutError as error:
                raise ChildFailed(f"Not up after {_UP_WITHIN_S:.0f} s; see {self._around.logs}.") from error
            yield self

    async def _bring_up(self) -> None:
        save(self._options.data, self._record)
        await self._start_postgres()
        await self._start_hardware()
        await self._start_cloud()
        founded = await self._found()
        await self._start_broker(founded)
        await self._stack.enter_async_context(self.internet.serving(self._port("internet")))
        await self._start_box(founded)
        await self._start_agents(founded)
        if self._record.kiosk:
            await self.open_kiosk()
        control = Control(self.internet, self.announce, self.open_kiosk)
        await self._stack.enter_async_context(control.serving(self._port("control")))
        save(self._options.data, self._record)

    async def _start(self, name: str, command: list[str], **options: Any) -> Child:
        child = Child(name, command, self._around, **options)
        self._children[name] = child
        return await self._stack.enter_async_context(child.running(self._group))

    async def _start_postgres(self) -> None:
        data, port = self._options.data / "postgres", self._port("postgres")
        keeper = [*founding.CLOUD, "postgres", "--data", str(data), "--port", str(port)]
        # If we are killed it must still end its server, which runs in a session of its own.
        postgres = await self._start("postgres", keeper, speaks=True, at_our_death=signal.SIGTERM)
        await postgres.said()

    async def _start_hardware(self) -> None:
        for device in hardware.DEVICES:
            command = hardware.command_of(device, self._port(device.name), self._options.data)
            await self._start(device.name, command, speaks=True)

    async def _start_cloud(self) -> None:
        cards = await self._start_card_provider()
        serve = [*founding.CLOUD, "run", "--host", LOOPBACK, "--port", str(self._port("cloud")), "--json"]
        await self._start("cloud", serve, speaks=True, extra={"DATABASE_URL": self._postgres_url, **cards})

    async def _start_card_provider(self) -> dict[str, str]:
        """The stand-in of Stripe, reachable by phones as the box is; what the cloud is told of it."""
        host = self._options.host
        tells = f"http://{LOOPBACK}:{self._port('cloud')}/api/stripe/webhook"
        where = ("--host", host, "--port", str(self._port("stripe", host)), "--origin", public_host(host))
        kept = ("--webhook", tells, "--state", str(self._options.data / "stripe.json"))
        stripe = await self._start("stripe", [*founding.CARD_PROVIDER, *where, *kept], speaks=True)
        words = await stripe.said()
        return {
            "HOLDFAST_STRIPE_API": words["url"],
            "HOLDFAST_STRIPE_SECRET_KEY": words["secret_key"],
            "HOLDFAST_STRIPE_WEBHOOK_SECRET": words["webhook_secret"],
        }

    async def _found(self) -> Founded:
        if self._record.founded is None:
            database = self._postgres_url
            self._record.founded = await founding.found_venue(self._record, database, self._around)
            save(self._options.data, self._record)
        return self._record.founded

    async def _start_broker(self, founded: Founded) -> None:
        record, plan = self._record, self._plan
        accounts = accounts_of(founded.venue_id, record.box_password, record.kitchen_password)
        self._plan = plan = msgspec.structs.replace(plan, accounts=accounts)
        command = prepare_broker(self._options.data / "broker", plan, self._options.broker)
        broker = await self._start("broker", command, at_our_death=signal.SIGTERM)
        await self._until(lambda: listens(reach(plan.host), plan.port), broker)

    async def _start_box(self, founded: Founded) -> None:
        for name in ("cloud", *(device.name for device in hardware.DEVICES)):
            await self._children[name].said()
        if not self._record.ready:
            cloud_url = f"http://{LOOPBACK}:{self.internet.port}"
            await founding.claim_box(self._options.data, cloud_url, founded.claim_code, self._around)
            self._record.ready = True
            save(self._options.data, self._record)
        self._bind_stations(founded)
        box = await self._start("edge", self._box_command())
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2.0)) as session:
            await self._until(lambda: self._sells(session), box)

    def _box_command(self) -> list[str]:
        data, host = str(self._options.data / "edge"), self._options.host
        address = ("--host", host, "--port", str(self._record.ports["edge"]), "--public-url", self.edge_url)
        mqtt = self._plan.url("box", reach(host))
        probe = f"http://{LOOPBACK}:{self._port('control')}{ELSEWHERE}"
        around = ("--mdns", LOOPBACK, "--mqtt", mqtt, "--internet-probe", probe)
        return [*founding.EDGE, "run", "--data", data, *address, *around]

    async def _sells(self, session: aiohttp.ClientSession) -> bool:
        """The box has what the cloud published, and both the cloud and the kitchen hear it."""
        status = await ask(session, f"{self.local_edge_url}/status")
        menu = await ask(session, f"{self.local_edge_url}/menu")
        return bool(menu and status) and (status["link"], status["mqtt"]) == ("live", "ok")

    def _bind_stations(self, founded: Founded) -> None:
        """Tell the box where plugs and router answer this time."""
        words = {device.name: self._children[device.name].words for device in hardware.DEVICES}
        bound = hardware.bindings(founded.play_stations, words)
        (self._options.data / "edge" / "stations.json").write_bytes(msgspec.json.encode(bound))

    async def open_kiosk(self) -> str:
        """The second box, which nobody has paired yet; set up at the first call. Its address."""
        data, host = self._options.data / "kiosk", self._options.host
        async with self._one_kiosk:
            if not self._record.kiosk:
                await asyncio.to_thread(shutil.rmtree, data, ignore_errors=True)
                await kiosk.found(data, founding.EDGE, self._around)
                self._record.kiosk = True
            port = self._record.ports["kiosk"] if "kiosk" in self._children else self._port("kiosk", host)
            if "kiosk" not in self._children:
                save(self._options.data, self._record)
                where = ("--data", str(data / "edge"), "--host", host, "--port", str(port), "--mdns", "off")
                cloud = ("--cloud", f"http://{LOOPBACK}:{self.internet.port}")
                command = [*founding.EDGE, "run", *where, *cloud]
                box = await self._start("kiosk", command)
                await self._until(lambda: listens(reach(host), port), box)
        return f"http://{public_host(host)}:{port}"

    async def _start_agents(self, founded: Founded) -> None:
        """A gaming PC's agent that only says what it would do, for every PC there is."""
        record, options = self._record, self._options
        for pc in [each for each in founded.play_stations if each.kind == "pc"]:
            if pc.id not in record.agent_tokens:
                record.agent_tokens[pc.id] = await founding.agent_token(self.local_edge_url, founded, pc.id)
            state, port = options.data / "agents" / f"{pc.id}.json", self._port(f"agent-{pc.id}")
            where = ("--server", self.local_edge_url, "--station", pc.id, "--state", str(state))
            command = [*founding.AGENT, "run", *where, "--overlay-port", str(port), "--dry-run"]
            token = {"HOLDFAST_AGENT_TOKEN": record.agent_tokens[pc.id]}
            agent = await self._start(f"agent-{pc.id}", command, speaks=True, extra=token)
            await agent.said()

    async def _until(self, condition: Callable[[], Awaitable[bool]], child: Child) -> None:
        """Return once it holds. Raises `ChildFailed` when the child keeps dying instead."""
        while not await condition():
            child.check()
            await asyncio.sleep(_LOOK_EVERY_S)

    @property
    def _postgres_url(self) -> str:
        url: str = self._children["postgres"].words["url"]
        return url

    def kill(self, name: str) -> None:
        """Kill a child as a power cut would; it is started again unless that was declined."""
        self._children[name].kill()

    def announce(self) -> Announcement:
        """Addresses, logins and process ids as they are now."""
        founded = self._record.founded
        if founded is None:
            raise ChildFailed("There is no venue yet.")
        mqtt_url = self._plan.url("kitchen", public_host(self._plan.host))
        return announce(self._record, founded, self._children, self.edge_url, mqtt_url)
