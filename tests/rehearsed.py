"""What an agent with its hands tied did, as it says on its screen."""

import asyncio
import io
import json


class Screen(io.StringIO):
    """Takes one JSON line an action; `sees` waits for one."""

    def __init__(self) -> None:
        super().__init__()
        self.done: asyncio.Queue[str] = asyncio.Queue()

    def write(self, text: str) -> int:
        """See `io.TextIOBase`."""
        if text.strip():
            self.done.put_nowait(json.loads(text)["action"])
        return len(text)

    async def sees(self, action: str) -> None:
        """Wait until it was done, passing over what was done before."""
        async with asyncio.timeout(60):
            while await self.done.get() != action:
                pass
