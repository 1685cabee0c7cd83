"""Codec and emulated router against an independent client, so that a shared mistake cannot hide.

librouteros is under the GPL: it is used here and nowhere else.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import librouteros
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from librouteros import protocol
from librouteros.exceptions import TrapError

from firmware_profiles.dialects import routeros_words
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_api import RouterOsApiEmulator

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@settings(deadline=None)
@given(st.integers(0, 0xFFF_FFFF))
def test_both_write_the_same_lengths(length: int) -> None:
    assert routeros_words.encode_length(length) == protocol.encode_length(length)


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_we_read_what_the_other_writes(words: list[str]) -> None:
    stream = protocol.encode_sentence(*words, encoding="utf-8")
    assert routeros_words.encode_sentence(words) == stream
    assert routeros_words.SentenceReader().feed(stream) == [tuple(words)]


Login = Callable[..., Awaitable[None]]


@pytest.fixture(
    params=[
        ("6.40.9", librouteros.async_token),
        ("6.49.17", librouteros.async_plain),
        ("7.20.1 (stable)", librouteros.async_plain),
    ]
)
async def api(request: pytest.FixtureRequest) -> AsyncIterator[librouteros.api.AsyncApi]:
    version, login = request.param
    box = RouterBox(version=version, user="admin", password="secret", clock=ManualClock())
    async with RouterOsApiEmulator(box) as router:
        client = await librouteros.async_connect(
            router.host, "admin", "secret", port=router.port, login_method=login, encoding="utf-8"
        )
        yield client
        await client.close()


async def test_the_other_client_may_print_add_set_and_remove(api: librouteros.api.AsyncApi) -> None:
    entries = api.path("ip", "firewall", "address-list")
    assert [row async for row in entries] == []
    comment = "ü" * 9000
    made = await entries.add(list="guests", address="192.168.30.9", timeout="1h", comment=comment)
    (row,) = [row async for row in entries]
    assert (row[".id"], row["timeout"], row["comment"]) == (made, "1h", comment)
    await entries.update(**{".id": made, "timeout": "2h"})
    assert [row["timeout"] async for row in entries] == ["2h"]
    await entries.remove(made)
    assert [row async for row in entries] == []


async def test_the_other_client_understands_our_no(api: librouteros.api.AsyncApi) -> None:
    with pytest.raises(TrapError, match="no such item"):
        await api.path("ip", "firewall", "filter").remove("*FFF")
    with pytest.raises(TrapError, match="no such command"):
        _ = [row async for row in api.path("no", "such", "menu")]


async def test_a_rule_is_placed_where_the_other_client_asks(api: librouteros.api.AsyncApi) -> None:
    rules = api.path("ip", "firewall", "filter")
    first = await anext(row async for row in rules if not row["dynamic"])
    made = await rules.add(chain="forward", action="drop", **{"place-before": first[".id"]})
    order = [row[".id"] async for row in rules]
    assert order.index(made) + 1 == order.index(first[".id"])


async def test_a_wrong_pass_word_is_refused() -> None:
    box = RouterBox(user="admin", password="secret", clock=ManualClock())
    async with RouterOsApiEmulator(box) as router:
        with pytest.raises(TrapError, match="invalid user name or password"):
            await librouteros.async_connect(router.host, "admin", "wrong", port=router.port)
