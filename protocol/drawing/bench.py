"""The bench at which a painters' process sits: asked here, done there, replaced when it dies or dawdles.

Painting in a process of its own keeps the loop free, keeps Pillow out of a box's memory once nobody designs
any more (`rest`), and lets a hostile picture kill nothing but itself. One request at a time; callers stay
off their loops (`asyncio.to_thread`) and take turns.
"""

import os
import select
import struct
import subprocess
import sys
from pathlib import Path

import msgspec

from protocol.drawing.commissions import (
    Declined,
    DishTaken,
    Painted,
    PaintFinal,
    PaintPreview,
    PictureTaken,
    Reply,
    Request,
    Taken,
    TakePicture,
)
from protocol.errors import Refused, refuse

_TOP = Path(__file__).parents[2]
_PIECE = 1 << 16
#: How long nothing at all may move between the two.
WITHIN_S = 60.0


class PainterDied(Exception):
    """The process ended, or was ended because it took too long; the request may be what killed it."""


class Bench:
    """One painters' process, started when it is first needed."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._within_s = within_s
        self._process: subprocess.Popen[bytes] | None = None
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)

    @property
    def pid(self) -> int | None:
        """Of the process that sits here; None while nobody does."""
        return self._process.pid if self._process else None

    def ask(self, request: Request) -> Painted | PictureTaken | DishTaken:
        """Blocks until it is done. Raises `Refused` or `PainterDied`."""
        process = self._seated()
        try:
            body = self._encoder.encode(request)
            self._send(process, struct.pack(">I", len(body)) + body)
            (length,) = struct.unpack(">I", self._receive(process, 4))
            reply = self._decoder.decode(self._receive(process, length))
        except (OSError, PainterDied) as error:
            self.rest()
            raise PainterDied(str(error)) from error
        if isinstance(reply, Declined):
            raise Refused(reply.refusal)
        return reply

    def paint(self, request: PaintPreview | PaintFinal) -> bytes:
        """The picture's bytes. Raises `Refused` or `PainterDied`."""
        painted = self.ask(request)
        assert isinstance(painted, Painted)
        return painted.body

    def take(self, raw: bytes) -> Taken:
        """A stranger's picture as ours. Raises `Refused` or `PainterDied`."""
        taken = self.ask(TakePicture(raw))
        assert isinstance(taken, PictureTaken)
        return taken.picture

    def rest(self) -> None:
        """End the process; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _seated(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.rest()
        paths = [str(_TOP), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        process = subprocess.Popen(
            [sys.executable, "-m", "protocol.drawing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        self._process = process
        return process

    def _send(self, process: subprocess.Popen[bytes], body: bytes) -> None:
        assert process.stdin is not None
        pipe, left = process.stdin.fileno(), memoryview(body)
        while left:
            if not select.select([], [pipe], [], self._within_s)[1]:
                raise PainterDied("it does not listen")
            left = left[os.write(pipe, left[:_PIECE]) :]

    def _receive(self, process: subprocess.Popen[bytes], length: int) -> bytes:
        assert process.stdout is not None
        pipe, got = process.stdout.fileno(), bytearray()
        while len(got) < length:
            if not select.select([pipe], [], [], self._within_s)[0]:
                raise PainterDied("it takes too long")
            piece = os.read(pipe, min(_PIECE, length - len(got)))
            if not piece:
                raise PainterDied("it ended")
            got += piece
        return bytes(got)


def unable() -> Refused:
    """What a guest is told when painting failed for a reason of ours."""
    return Refused(refuse("painter_busy", retry_after_s=3))
