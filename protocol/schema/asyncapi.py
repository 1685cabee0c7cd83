"""AsyncAPI 3.0 of what is not a request and an answer: the sockets of phones, screens and PCs, and MQTT.

Rule of the file: one row per channel in `CHANNELS`; the structs named there are those that are parsed and
sent. Counterpart: `openapi.py`.
"""

from typing import Any, get_args

import msgspec

from protocol import board, floor, kitchen, news, station, table
from protocol.schema.components import components


class Channel(msgspec.Struct, frozen=True):
    """A place to speak and listen. `takes` and `tells` are unions or single structs."""

    name: str
    address: str
    summary: str
    takes: Any = None
    tells: Any = None
    parameters: tuple[str, ...] = ()
    servers: str = "box"


CHANNELS = (
    Channel(
        "table",
        "/ws/table",
        "The shared cart of a table: `?sid=` names the table session, the guest's token comes by "
        "`Authorization: Bearer` or the sub-protocols `holdfast.v1, bearer.TOKEN`.",
        table.FromPhone,
        news.TableNews,
    ),
    Channel(
        "kitchen",
        "/ws/kitchen",
        "The kitchen's screen: open tickets at once, then each ticket whenever it moves. A staff token; "
        "`?station=` narrows it to one station.",
        kitchen.FromPage,
        board.BoardNews,
    ),
    Channel(
        "staff",
        "/ws/staff",
        "The staff's screens: a `hello` with everything, then tables, orders, dishes, stations, play "
        "sessions, alarms and the link whenever they stand otherwise. A staff token.",
        floor.StaffPing,
        floor.StaffNews,
    ),
    Channel(
        "agent",
        "/ws/agent/{station_id}",
        "A gaming PC's agent: hello, heartbeats and acks; starts, extensions and ends, each with a lease "
        "that it counts down alone when the box is gone. The station's own token; an unknown one is 404.",
        station.FromAgent,
        station.FromBox | news.ErrorMessage,
        parameters=("station_id",),
    ),
    Channel(
        "ticket",
        "v1/{venue}/kds/{station}/ticket",
        "QoS 1, not retained. Sent again until a device answers `received`; `ticket` makes repeats harmless.",
        tells=board.TicketMessage,
        parameters=("venue", "station"),
        servers="broker",
    ),
    Channel(
        "snapshot",
        "v1/{venue}/kds/{station}/snapshot",
        "Retained: all open tickets of a station, for a device that starts cold.",
        tells=board.SnapshotMessage,
        parameters=("venue", "station"),
        servers="broker",
    ),
    Channel(
        "ack",
        "v1/{venue}/kds/{station}/ack",
        "A device moves a ticket. Illegal steps are answered on `…/error`.",
        takes=kitchen.Ack,
        parameters=("venue", "station"),
        servers="broker",
    ),
    Channel(
        "error",
        "v1/{venue}/kds/{station}/error",
        "Why an ack was refused.",
        tells=board.AckRefused,
        parameters=("venue", "station"),
        servers="broker",
    ),
    Channel(
        "status",
        "v1/{venue}/status",
        "Retained, with last will: whether the box is there.",
        tells=board.StatusMessage,
        parameters=("venue",),
        servers="broker",
    ),
)


def asyncapi(*, title: str, version: str, http_host: str, mqtt_host: str) -> dict[str, Any]:
    """The document as a mapping, ready to be encoded; hosts are `name:port`."""
    types = list(dict.fromkeys(each for row in CHANNELS for each in (*_each(row.takes), *_each(row.tells))))
    schemas, named = components(types)
    messages = {each.__name__: _message(each, schema) for each, schema in zip(types, schemas, strict=True)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version},
        "defaultContentType": "application/json",
        "servers": {
            "box": {"host": http_host, "protocol": "ws"},
            "broker": {"host": mqtt_host, "protocol": "mqtt", "protocolVersion": "3.1.1"},
        },
        "channels": {row.name: _channel(row) for row in CHANNELS},
        "operations": dict(operation for row in CHANNELS for operation in _operations(row)),
        "components": {"messages": messages, "schemas": named},
    }


def _each(types: Any) -> tuple[Any, ...]:
    """The structs of a union, or the one struct."""
    return () if types is None else get_args(types) or (types,)


def _message(struct: Any, schema: Any) -> dict[str, Any]:
    summary = (struct.__doc__ or "").strip().partition("\n")[0]
    return {"name": struct.__name__, "summary": summary, "payload": schema}


def _channel(row: Channel) -> dict[str, Any]:
    structs = (*_each(row.takes), *_each(row.tells))
    channel: dict[str, Any] = {
        "address": row.address,
        "description": row.summary,
        "servers": [{"$ref": f"#/servers/{row.servers}"}],
        "messages": {each.__name__: {"$ref": f"#/components/messages/{each.__name__}"} for each in structs},
    }
    if row.parameters:
        channel["parameters"] = {name: {} for name in row.parameters}
    return channel


def _operations(row: Channel) -> list[tuple[str, dict[str, Any]]]:
    """What the box does there: AsyncAPI's `receive` is what it takes, `send` what it tells."""
    both = (("receive", row.takes), ("send", row.tells))
    return [(f"{action}_{row.name}", _operation(row, action, types)) for action, types in both if types]


def _operation(row: Channel, action: str, types: Any) -> dict[str, Any]:
    reference = f"#/channels/{row.name}"
    messages = [{"$ref": f"{reference}/messages/{each.__name__}"} for each in _each(types)]
    return {"action": action, "channel": {"$ref": reference}, "messages": messages}
