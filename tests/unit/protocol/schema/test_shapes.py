"""What our pages are told to send is what the box parses."""

import msgspec
import pytest

from protocol import kitchen, table
from protocol.codec import encode
from protocol.schema import shapes


@pytest.mark.parametrize(
    "sent",
    [
        shapes.CartCreate("create", "c1", 17, 1, "no salt", (3, 4), False, (), "mid-of-create"),
        shapes.CartChange("update", 100, 1, "mid-of-update", qty=2),
        shapes.CartChange("update", 100, 1, "mid-of-update", takeaway=True),
        shapes.CartChange("update", 100, 1, "mid-of-update", confirm=True),
        shapes.CartDelete("delete", 100, 2, "mid-of-delete"),
    ],
)
def test_a_mutation_of_a_page_is_understood(sent: msgspec.Struct) -> None:
    heard = msgspec.json.decode(encode(sent), type=table.FromPhone)
    assert isinstance(heard, table.CartMutate)
    for name in sent.__struct_fields__:
        assert getattr(heard, name) == getattr(sent, name)


def test_an_ack_of_the_page_is_understood() -> None:
    sent = shapes.KitchenAck("K-88", "grill", "ready", "mid-of-ack")
    assert msgspec.json.decode(encode(sent), type=kitchen.FromPage) == kitchen.PageAck(
        "K-88", "grill", "ready", "mid-of-ack"
    )
