"""Cooks at their screen: every ticket in time, nothing shown as done before the box says so."""

import asyncio

from playwright.async_api import expect

from protocol.facts.ticket import Ticket
from tests.browser.audit import still
from tests.browser.people import Cook, Guest
from tests.browser.venue import DESK, Box, Browser


async def order_of(browser: Browser, box: Box, *dishes: str) -> Guest:
    """A guest who has ordered."""
    guest = Guest(await browser.device(DESK))
    await guest.sit_down(box.url, "Chinu")
    for dish in dishes:
        await guest.add(dish)
        if dish == dishes[0]:
            await guest.say_word()
        await guest.sees(dish, 1)
    await guest.place_order()
    await guest.is_congratulated("K-1")
    return guest


def state_at(box: Box, station: str) -> str:
    """What the box has of ticket K-1 at a station."""
    ticket = box.app.hot.committed(f"ticket:K-1@{station}")
    assert isinstance(ticket, Ticket)
    return ticket.state


async def test_a_wrong_pin_is_refused_in_words(browser: Browser, box: Box) -> None:
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url, pin="9999")
    await expect(cook.page.get_by_role("alert")).to_contain_text("User or PIN is not right")


async def test_an_empty_screen_says_when_the_box_was_heard(browser: Browser, box: Box) -> None:
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.page.get_by_text("All clear")).to_be_visible()
    await expect(cook.page.get_by_text("The box was heard")).to_be_visible()


async def test_a_ticket_is_acknowledged_when_it_is_seen_and_goes_its_way(browser: Browser, box: Box) -> None:
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await cook.page.get_by_text("All clear").wait_for()
    guest = await order_of(browser, box, "Soup")
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "received")
    assert state_at(box, "grill") == "received"
    for step, state in (("Accept", "accepted"), ("Start", "preparing"), ("Ready", "ready")):
        await cook.press("K-1", step)
        await expect(cook.ticket("K-1")).to_have_attribute("data-state", state)
        assert state_at(box, "grill") == state
    await expect(guest.page.get_by_label("Orders", exact=True)).to_contain_text("Ready!")
    await cook.press("K-1", "Served")
    await expect(cook.ticket("K-1")).to_have_count(0)
    await cook.page.get_by_role("button", name="Recall").click()
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "recalled")


async def test_a_station_sees_its_own_lines_only(browser: Browser, box: Box) -> None:
    await order_of(browser, box, "Soup", "Wine")
    bar, everything = Cook(await browser.device(DESK)), Cook(await browser.device(DESK))
    await bar.sign_in(box.url, station="?station=bar")
    await everything.sign_in(box.url)
    await expect(bar.page.get_by_role("article")).to_have_count(1)
    await expect(bar.ticket("K-1")).to_contain_text("Wine")
    await expect(bar.ticket("K-1")).to_have_attribute("data-state", "received")
    await expect(everything.page.get_by_role("article")).to_have_count(2)
    assert state_at(box, "bar") == "received"


async def test_what_the_guest_asked_of_the_kitchen_is_read_there(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device(DESK))
    await guest.sit_down(box.url, "Chinu")
    await guest.add("Soup")
    await guest.say_word()
    await guest.sees("Soup", 1)
    await guest.page.get_by_label("For the kitchen").fill("No nuts, please: allergy!")
    await guest.place_order()
    await guest.is_congratulated("K-1")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.ticket("K-1")).to_contain_text("No nuts, please: allergy!")


async def test_items_are_bumped_one_by_one_and_the_last_makes_the_ticket_ready(
    browser: Browser, box: Box
) -> None:
    await order_of(browser, box, "Soup", "Chips")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "received")
    soup = cook.ticket("K-1").get_by_role("button", name="1 Soup done")
    await soup.click()
    await expect(soup).to_have_attribute("aria-pressed", "true")
    await soup.click()
    await expect(soup).to_have_attribute("aria-pressed", "false")
    await soup.click()
    await expect(soup).to_have_attribute("aria-pressed", "true")
    assert state_at(box, "grill") == "received"
    await cook.ticket("K-1").get_by_role("button", name="1 Chips done").click()
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "ready")
    assert state_at(box, "grill") == "ready"
    await cook.press("K-1", "Recall")
    await expect(soup).to_have_attribute("aria-pressed", "false")


async def test_a_dish_the_cook_takes_off_is_off_on_every_phone_at_once(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device(DESK))
    await guest.sit_down(box.url, "Chinu")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await cook.page.get_by_role("button", name="Sold out").click()
    field = cook.page.get_by_label("Find a dish")
    await expect(field).to_be_visible()
    await still(cook.page)
    room = await field.bounding_box()
    assert room is not None
    await field.click(position={"x": room["width"] - 4, "y": 4})  # nothing lies over its end
    await field.fill("soup")
    switch = cook.page.get_by_role("switch", name="Soup sold out")
    await switch.click()
    await expect(switch).to_have_attribute("aria-checked", "true")
    await expect(guest.page.get_by_role("button", name="Add Soup", exact=True)).to_have_count(0)
    await switch.click()
    await expect(guest.page.get_by_role("button", name="Add Soup", exact=True)).to_have_count(1)


#: Both within the four seconds, however slow the way from here to the page is.
_TWO_TAPS = """async (button) => {
  const words = [];
  for (let tap = 0; tap < 2; tap += 1) {
    words.push(button.textContent);
    button.click();
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  }
  return words;
}"""


async def test_rejecting_takes_two_taps(browser: Browser, box: Box) -> None:
    await order_of(browser, box, "Soup")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "received")
    await cook.press("K-1", "Reject")
    await still(cook.page)
    reject = cook.ticket("K-1").get_by_role("button", name="Reject")
    await expect(reject).to_be_visible()  # again, after the four seconds in which it asks
    assert state_at(box, "grill") == "received"
    assert await reject.evaluate(_TWO_TAPS) == ["Reject", "Sure?"]
    await expect(cook.ticket("K-1")).to_have_count(0)
    assert state_at(box, "grill") == "rejected"


async def test_a_press_while_the_box_is_away_arrives_when_it_is_back(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    await order_of(browser, box, "Soup")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "received")
    await box.off()
    await expect(cook.page.get_by_text("Connection lost. Reconnecting...")).to_be_visible()
    await cook.press("K-1", "Accept")
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "received")
    await box.on(tasks)
    await expect(cook.ticket("K-1")).to_have_attribute("data-state", "accepted")
    assert state_at(box, "grill") == "accepted"


async def test_a_reload_stays_signed_in_and_a_sign_out_does_not(browser: Browser, box: Box) -> None:
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await cook.page.get_by_text("All clear").wait_for()
    await cook.page.reload()
    await expect(cook.page.get_by_text("All clear")).to_be_visible()
    await cook.page.get_by_role("button", name="Sign out").click()
    await cook.page.reload()
    await expect(cook.page.get_by_label("PIN")).to_be_visible()


_COUNT_TONES = """
window.tones = 0;
const create = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return create.call(this); };
"""


async def test_a_new_ticket_rings_and_is_counted_all_day(browser: Browser, box: Box) -> None:
    cook = Cook(await browser.device(DESK))
    await cook.page.add_init_script(_COUNT_TONES)
    await cook.sign_in(box.url)
    await cook.page.get_by_role("button", name="Turn sound on").click()
    await expect(cook.page.get_by_role("button", name="Turn sound on")).to_have_count(0)
    tried = await cook.page.evaluate("window.tones")
    assert tried > 0
    await order_of(browser, box, "Soup", "Chips")
    await cook.page.wait_for_function(f"window.tones > {tried}")
    await expect(cook.page.get_by_role("region", name="All day")).to_contain_text("1 Chips")
    await expect(cook.ticket("K-1")).to_have_attribute("data-age", "fresh")
