"""The published documents are well formed, refer to nothing that is missing, and name every refusal."""

from typing import Any, get_args

import msgspec
import pytest

from protocol.codec import encode
from protocol.errors import CODES
from protocol.http import Route
from protocol.schema.asyncapi import CHANNELS, asyncapi
from protocol.schema.openapi import openapi, operation_id, refusals
from protocol.table import OrderReply, OrderRequest, PassReply

ORDER = Route(
    method="POST",
    path="/orders/{table}",
    summary="Order.",
    request=OrderRequest,
    response=OrderReply,
    status=201,
    also=(202,),
    errors=("cart_changed", "sold_out", "pass_required"),
    auth="guest",
)
PAGE = Route(method="GET", path="/", summary="The page.", media="text/html", status=303)
LOOK = Route(method="GET", path="/look", summary="Look.", response=PassReply, query=("session_pid",))


def document() -> Any:
    """The three routes as a stranger reads them."""
    made = openapi([ORDER, PAGE, LOOK], title="Box", version="1", description="A box.")
    return msgspec.json.decode(encode(made))


def channels() -> Any:
    """The sockets and topics as a stranger reads them."""
    made = asyncapi(title="Box", version="1", http_host="box:8080", mqtt_host="box:1883")
    return msgspec.json.decode(encode(made))


def references(node: Any) -> list[str]:
    """Every `$ref` below `node`."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("made", [document, channels])
def test_nothing_is_referred_to_that_is_not_there(made: Any) -> None:
    whole = made()
    found = references(whole)
    assert found
    for reference in found:
        node = whole
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_an_operation_says_what_it_takes_answers_and_refuses() -> None:
    post = document()["paths"]["/orders/{table}"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/OrderRequest")
    assert [each["name"] for each in post["parameters"]] == ["table"]
    assert {"201", "202", "400", "401", "403", "409", "413", "415", "429", "503"} <= set(post["responses"])
    assert "`cart_changed`" in post["responses"]["409"]["description"]
    assert post["security"] == [{"guest": []}]


def test_a_query_is_required_and_a_redirect_has_no_body() -> None:
    paths = document()["paths"]
    assert paths["/look"]["get"]["parameters"][0] == {
        "name": "session_pid",
        "in": "query",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    assert paths["/"]["get"]["responses"] == {"303": {"description": "The page."}}
    assert paths["/"]["get"]["security"] == []


def test_operations_are_named_apart() -> None:
    assert [operation_id(each) for each in (ORDER, PAGE, LOOK)] == [
        "post_orders_table",
        "get_root",
        "get_look",
    ]


def test_every_refusal_stands_under_its_own_status() -> None:
    for status, codes in refusals(ORDER).items():
        assert {CODES[code][0] for code in codes} == {status}


def test_every_channel_takes_or_tells_something() -> None:
    whole = channels()
    for row in CHANNELS:
        assert whole["channels"][row.name]["messages"]
    assert {"receive_table", "send_table", "receive_ack", "send_ticket"} <= set(whole["operations"])
    assert whole["components"]["messages"]["CartMutate"]["payload"]["$ref"].endswith("/CartMutate")


def test_no_two_messages_go_by_one_name() -> None:
    structs = {
        each for row in CHANNELS for part in (row.takes, row.tells) for each in get_args(part) or (part,)
    }
    assert len({each.__name__ for each in structs - {None}}) == len(structs - {None})


def test_what_a_gaming_pc_says_and_hears_is_published_with_its_lease() -> None:
    whole = channels()
    assert {"receive_agent", "send_agent"} <= set(whole["operations"])
    assert whole["channels"]["agent"]["address"] == "/ws/agent/{station_id}"
    schemas = whole["components"]["schemas"]
    for name in ("SessionStart", "SessionExtend", "SyncResponse"):
        assert "SignedLease" in str(schemas[name]["properties"]["lease"])


def test_a_total_may_be_a_number_or_a_text() -> None:
    total = channels()["components"]["schemas"]["PlaceOrder"]["properties"]["total"]
    assert total["anyOf"][0]["type"] == ["number", "string"]
