"""A painters' process: requests on standard input, answers on standard output, one at a time, until the
input ends.

It gives itself limits before it looks at anything, so that a picture that wants all memory or all time ends
this process and nothing else.
"""

import resource
import struct
import sys

import msgspec

from protocol.drawing.commissions import Request
from protocol.drawing.work import done

_MOST_MEMORY_BYTES = 1_500 * 1024 * 1024
_MOST_CPU_S = 60


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_time() -> None:
    """So many seconds of a processor from here on, for one request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent_s = int(used.ru_utime + used.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent_s + _MOST_CPU_S, resource.RLIM_INFINITY))


def main() -> None:
    """Serve until the input ends."""
    _confine()
    decoder, encoder = msgspec.msgpack.Decoder(Request), msgspec.msgpack.Encoder()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(4)) == 4:
        (length,) = struct.unpack(">I", head)
        _allow_time()
        body = encoder.encode(done(decoder.decode(source.read(length))))
        sink.write(struct.pack(">I", len(body)) + body)
        sink.flush()


if __name__ == "__main__":
    main()
