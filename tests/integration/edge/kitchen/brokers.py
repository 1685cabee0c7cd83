"""Real brokers for the kitchen's tests: Mosquitto and amqtt, each a process that can be killed and frozen."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Literal

from edge.demo.access import BrokerPlan, accounts_of
from edge.demo.broker_files import prepare_broker
from tests.integration.faults.programs import free_port

PATIENCE_S = 60.0
KINDS: tuple[Literal["mosquitto"], Literal["amqtt"]] = ("mosquitto", "amqtt")


class BrokerProcess:
    """A broker on a port of its own that serves every venue, so that tests may share it."""

    def __init__(self, directory: Path, kind: Literal["mosquitto", "amqtt"]) -> None:
        # A station or venue of `+` in the plan stands for all of them.
        self.plan = BrokerPlan("127.0.0.1", free_port(), accounts_of("+", "box secret", "kitchen secret"))
        self._command = prepare_broker(directory / kind, self.plan, kind)
        self._log = directory / f"{kind}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> subprocess.Popen[bytes]:
        """Run it, from a checkout too."""
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=environment)
        return self._process

    async def start(self) -> None:
        """Run it until it accepts connections."""
        process = self.launch()
        async with asyncio.timeout(PATIENCE_S):
            while not await self._accepts():
                assert process.poll() is None, self._log.read_text()
                await asyncio.sleep(0.02)

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def signal(self, number: signal.Signals) -> None:
        """Freeze it, let it go on, or kill it."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Gone without a word, and with whatever it had in memory."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None
