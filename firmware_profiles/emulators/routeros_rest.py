"""The REST face of the emulated router (RouterOS 7.1 and later).

Source: manual.mikrotik.com 'REST API': GET prints, PUT adds (201 and the row), PATCH sets, DELETE removes
(204), POST runs any command with `numbers`/`.id`, `.proplist` and `.query`; all values are strings; Basic
authentication; errors are `{"error": 404, "message": "Not Found", "detail": "no such item"}`.

Counterpart: `edge/adapters/devices/routeros_rest.py`.
"""

import base64
import json
import ssl
from typing import Any

from aiohttp import web

from firmware_profiles.emulators.http_device import HttpDevice
from firmware_profiles.emulators.routeros import RouterBox, RouterTrap, Row

_WORDS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 406: "Not Acceptable"}


class RouterOsRestEmulator(HttpDevice):
    """`box` over HTTP; over HTTPS with `tls`, as it should be in a venue."""

    def __init__(self, box: RouterBox, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(clock=box.clock, port=port, tls=tls)
        self.box = box

    def authorised(self, request: web.Request) -> bool:
        """Basic, always: a RouterOS user has a pass word, be it empty."""
        expected = base64.b64encode(f"{self.box.user}:{self.box.password}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    def refusal(self, request: web.Request) -> web.Response:
        """401 as RouterOS words it."""
        return _failure(401, "")

    async def answer(self, request: web.Request) -> web.Response:
        """One method on one path."""
        if not request.path.startswith("/rest/"):
            return _failure(404, "")
        try:
            body = json.loads(await request.text() or "{}")
            return self._run(request, request.path.removeprefix("/rest"), body)
        except json.JSONDecodeError:
            return _failure(400, "JSON error")
        except RouterTrap as trap:
            return _failure(404 if trap.category == 0 else 400, str(trap))

    def _run(self, request: web.Request, path: str, body: dict[str, Any]) -> web.Response:
        menu, _, last = path.rpartition("/")
        on_row = last.startswith("*")
        match request.method:
            case "GET" if on_row:
                return web.json_response(self._row(menu, last))
            case "GET":
                return web.json_response(_printed(self.box.rows(path), dict(request.query)))
            case "PUT":
                row_id = self.box.add(path, _strings(body))
                return web.json_response(self._row(path, row_id), status=201)
            case "PATCH" if on_row:
                self.box.set(menu, last, _strings(body))
                return web.json_response(self._row(menu, last))
            case "DELETE" if on_row:
                self.box.remove(menu, last)
                return web.Response(status=204)
            case "POST":
                return web.json_response(self._command(menu, last, body))
            case _:
                return _failure(400, "missing or invalid resource identifier")

    def _row(self, menu: str, row_id: str) -> Row:
        for row in self.box.rows(menu):
            if row.get(".id") == row_id:
                return row
        raise RouterTrap("no such item", category=0)

    def _command(self, menu: str, verb: str, body: dict[str, Any]) -> list[Row]:
        if f"{menu}/{verb}" == "/system/reboot":
            self.box.reboot()
        elif verb == "print":
            where = dict(query.partition("=")[::2] for query in body.get(".query", []))
            return _printed(self.box.rows(menu), {**where, ".proplist": ",".join(body.get(".proplist", []))})
        elif verb == "remove":
            self.box.remove(menu, str(body.get(".id") or body.get("numbers")))
        elif verb == "move":
            self.box.move(menu, str(body["numbers"]), str(body["destination"]))
        else:
            raise RouterTrap("no such command", category=0)
        return []


def _printed(rows: list[Row], asked: dict[str, str]) -> list[Row]:
    names = [name for name in asked.pop(".proplist", "").split(",") if name]
    found = [row for row in rows if all(row.get(name) == value for name, value in asked.items())]
    return [{name: row[name] for name in names if name in row} if names else row for row in found]


def _strings(body: dict[str, Any]) -> Row:
    return {name: str(value) for name, value in body.items()}


def _failure(status: int, detail: str) -> web.Response:
    failure: dict[str, Any] = {"error": status, "message": _WORDS[status]}
    if detail:
        failure["detail"] = detail
    return web.json_response(failure, status=status)
