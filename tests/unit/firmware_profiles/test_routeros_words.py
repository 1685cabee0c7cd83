"""The binary API's codec: what goes in comes out, however the network cuts it, and rubbish is named."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware_profiles.dialects import routeros_time
from firmware_profiles.dialects.routeros_words import (
    MOST_WORD_BYTES,
    SentenceReader,
    WordsBroken,
    command,
    encode_length,
    encode_sentence,
    parse_reply,
)

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=6), max_size=6)


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (0x7F, "7f"),
        (0x80, "8080"),
        (0x3FFF, "bfff"),
        (0x4000, "c04000"),
        (0x1FFFFF, "dfffff"),
        (0x200000, "e0200000"),
        (0xFFFFFFF, "efffffff"),
        (0x10000000, "f010000000"),
        (0xFFFFFFFF, "f0ffffffff"),
    ],
)
def test_lengths_are_encoded_as_the_vendor_says(length: int, encoded: str) -> None:
    assert encode_length(length).hex() == encoded


def test_a_word_that_no_tier_holds_is_refused() -> None:
    with pytest.raises(WordsBroken):
        encode_length(0x1_0000_0000)


@settings(deadline=None)
@given(SENTENCES, st.data())
@example([["x" * 0x80]], None)
@example([["x" * 0x4000, "y" * 0x3FFF]], None)
def test_sentences_survive_any_cutting(sentences: list[list[str]], data: st.DataObject | None) -> None:
    stream = b"".join(encode_sentence(words) for words in sentences)
    reader, read, place = SentenceReader(), [], 0
    while place < len(stream):
        step = data.draw(st.integers(1, 64)) if data is not None else 1
        read += reader.feed(stream[place : place + step])
        place += step
    assert read == [tuple(words) for words in sentences]


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"\xff")
@example(b"\xf0\xff\xff\xff\xff")
@example(b"\xef\xff\xff\xff")
def test_rubbish_is_either_sentences_or_named(stream: bytes) -> None:
    reader = SentenceReader()
    try:
        sentences = reader.feed(stream)
    except WordsBroken:
        return
    assert all(word for sentence in sentences for word in sentence)
    assert sum(len(sentence) for sentence in sentences) <= len(stream)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda raw: b"\x00" not in raw), min_size=1))
def test_bytes_that_are_no_text_come_back_as_they_were(words: list[bytes]) -> None:
    stream = b"".join(encode_length(len(word)) + word for word in words) + b"\x00"
    (sentence,) = SentenceReader().feed(stream)
    assert encode_sentence(list(sentence)) == stream


def test_a_word_beyond_all_reason_is_not_waited_for() -> None:
    with pytest.raises(WordsBroken):
        SentenceReader().feed(encode_length(MOST_WORD_BYTES + 1))


def test_a_sentence_without_end_is_not_collected_for_ever() -> None:
    reader = SentenceReader()
    with pytest.raises(WordsBroken):
        reader.feed(b"\x01a" * 5000)


def test_a_reply_is_taken_apart_and_values_may_hold_equal_signs() -> None:
    reply = parse_reply(("!re", "=.id=*1", "=comment=a=b", "=empty=", ".tag=7"))
    assert (reply.kind, reply.attributes) == ("!re", {".id": "*1", "comment": "a=b", "empty": ""})


@pytest.mark.parametrize("words", [(), ("hello",), ("=a=b", "!re")])
def test_what_is_no_reply_is_named(words: tuple[str, ...]) -> None:
    with pytest.raises(WordsBroken):
        parse_reply(words)


def test_a_command_carries_attributes_and_queries_in_that_order() -> None:
    raw = command("/ip/arp/print", {".proplist": "address"}, ["?mac-address=AA"])
    assert SentenceReader().feed(raw) == [("/ip/arp/print", "=.proplist=address", "?mac-address=AA")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0.0),
        ("3600", 3600.0),
        ("1h", 3600.0),
        ("59m58s", 3598.0),
        ("59m58s340ms", 3598.34),
        ("1w2d3h4m5s", 788645.0),
        ("00:59:58", 3598.0),
        ("1d 02:03:04", 93784.0),
        ("1d02:03:04.5", 93784.5),
    ],
)
def test_durations_are_read_in_every_form(text: str, seconds: float) -> None:
    assert routeros_time.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["never", "1x", "-5s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        routeros_time.seconds(text)
