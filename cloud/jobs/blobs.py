"""Files that are too big for Postgres: renders, exports, backups; in a directory or a bucket.

`HOLDFAST_BLOBS_URL` is `file:///srv/holdfast/blobs`, `s3://bucket/prefix`, `gs://…` or `az://…` (whatever
`obstore.store.from_url` takes; credentials come from the environment as its page says:
https://developmentseed.org/obstore/latest/api/store/). A directory does for one machine; processes on
several need a bucket, or a directory that they share.

Rule of the file: nobody outside ever sees an address in the store. A handler decides who may have a file and
answers with `serve`. Keys begin with the organisation's id; what is nobody's (releases) with a word.
"""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import obstore
from aiohttp import web
from obstore.store import LocalStore, ObjectStore, from_url

from cloud.config import Config

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_CHUNK_BYTES = 256 * 1024

#: A file is somebody's words: a browser shall keep it and never run it.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class NoSuchBlob(Exception):
    """Nothing is kept under this key (any more)."""


class Blobs:
    """The store. Where it is away it raises `obstore.exceptions.BaseError`, after tries of its own."""

    def __init__(self, url: str) -> None:
        self._url = url

    @classmethod
    def of(cls, config: Config) -> "Blobs":
        """The store that is configured."""
        return cls(config.blobs or f"file://{(config.data / 'blobs').absolute()}")

    @cached_property
    def _store(self) -> ObjectStore:
        """Opened when it is first needed. Files of a directory are written whole or not at all."""
        if not self._url.startswith("file://"):
            return from_url(self._url)
        directory = Path(self._url.removeprefix("file://"))
        directory.mkdir(parents=True, exist_ok=True)
        return LocalStore(directory)

    async def put(self, key: str, content: bytes | Path) -> None:
        """Keep it; what was there under the key before is replaced. A path is read piece by piece."""
        await obstore.put_async(self._store, _checked(key), content)

    async def read(self, key: str) -> bytes:
        """All of it. Raises `NoSuchBlob`."""
        return b"".join([chunk async for chunk in self.stream(key)])

    async def stream(self, key: str, begins: int = 0) -> AsyncIterator[bytes]:
        """Piece by piece, from byte `begins` on. Raises `NoSuchBlob` at the first one."""
        try:
            found = await obstore.get_async(
                self._store, _checked(key), options={"range": {"offset": begins}} if begins else None
            )
        except FileNotFoundError as error:
            raise NoSuchBlob(key) from error
        async for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
            yield bytes(chunk)

    async def size(self, key: str) -> int:
        """In bytes. Raises `NoSuchBlob`."""
        try:
            return (await obstore.head_async(self._store, _checked(key)))["size"]
        except FileNotFoundError as error:
            raise NoSuchBlob(key) from error

    async def forget(self, key: str) -> None:
        """Delete it. Nothing there is fine."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _checked(key))

    async def forget_all(self, prefix: str) -> None:
        """Delete whatever lies under `prefix/`."""
        for meta in await obstore.list(self._store, _checked(prefix)).collect_async():
            await self.forget(meta["path"])

    async def serve(
        self, request: web.Request, key: str, filename: str, media: str, *, inline: bool = False
    ) -> web.StreamResponse:
        """Answer with the file, whoever may have it having been asked before. Raises `NoSuchBlob`."""
        size = await self.size(key)
        way = "inline" if inline else "attachment"
        response = web.StreamResponse(headers=_HEADERS)
        response.content_type = media
        response.content_length = size
        response.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(filename, safe='')}"
        await response.prepare(request)
        if request.method != "HEAD":
            async for chunk in self.stream(key):
                await response.write(chunk)
        await response.write_eof()
        return response


def _checked(key: str) -> str:
    """Keys are made by us of ids and plain words; anything else is a mistake."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a key")
    return key
