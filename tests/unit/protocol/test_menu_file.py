"""Menu files: what a spreadsheet may look like, and complaints that a restaurateur can act on."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cloud.owners.samples
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, ModifierGroup, Option
from protocol.menu_file import MOST_BYTES, Complaint, parse
from protocol.serving_hours import ServingHours

SAMPLES = Path(cloud.owners.samples.__file__).parent
HEAD = "id,category,name,price"


def _menu(text: str, format: str = "csv", currency: str = "EUR") -> Menu:
    menu = parse(text, format, currency)
    assert isinstance(menu, Menu), menu
    return menu


def _complaints(text: str, format: str = "csv") -> list[tuple[int, str]]:
    complaints = parse(text, format, "EUR")
    assert isinstance(complaints, list), complaints
    for complaint in complaints:
        assert complaint.message.endswith("."), complaint
    return [(complaint.row, complaint.column) for complaint in complaints]


def test_the_sample_says_the_same_in_both_formats() -> None:
    menu = _menu((SAMPLES / "menu.csv").read_text())
    assert menu == _menu((SAMPLES / "menu.json").read_text(), "json")
    assert len(menu.items) >= 60
    assert len(menu.categories) == 8
    assert {item.station for item in menu.items} == {"kitchen", "bar"}
    assert any(item.stock for item in menu.items)
    assert any(item.allergens for item in menu.items)


def test_the_sample_has_the_dish_of_the_seed() -> None:
    """Seed 000 orders menu item 17 with nothing chosen: no question has to be answered, nobody counts it."""
    menu = _menu((SAMPLES / "menu.csv").read_text())
    item = next(item for item in menu.items if item.id == 17)
    groups = {group.id: group for group in menu.modifier_groups}
    assert item.stock is None
    assert all(groups[group_id].least == 0 for group_id in item.modifier_groups)


@pytest.mark.parametrize(
    "text",
    [
        "id,category,name,price\n1,Mains,Soup,6.50\n",
        "\ufeffid;category;name;price\r\n1;Mains;Soup;6,50\r\n",
        "ID\tCategory\tName\tPrice\n1\tMains\tSoup\t6.5\n\n\n",
        'price,name,id,category\n"6,50",Soup,1,Mains\n',
    ],
)
def test_spreadsheets_of_different_countries(text: str) -> None:
    item = _menu(text).items[0]
    assert (item.id, item.category, item.name, item.price_minor) == (1, "Mains", "Soup", 650)


def test_prices_are_exact_in_the_minor_unit_of_their_currency() -> None:
    assert _menu(f"{HEAD}\n1,A,B,0.07\n").items[0].price_minor == 7
    assert _menu(f"{HEAD}\n1,A,B,980\n", currency="JPY").items[0].price_minor == 980
    assert _menu(f"{HEAD}\n1,A,B,1.125\n", currency="KWD").items[0].price_minor == 1125
    assert _complaints(f"{HEAD}\n1,A,B,1.125\n") == [(2, "price")]


def test_modifiers_are_described_once_and_then_named() -> None:
    menu = _menu(
        f"{HEAD},modifiers\n"
        '1,A,Steak,20,"Doneness (choose 1): Rare / Well done; Sauce (up to 2): Pepper +2.00 / Mustard"\n'
        '2,A,Burger,12,"Sauce; Side (1 to 2): Fries / Salad +1,50"\n'
    )
    assert menu.modifier_groups == (
        ModifierGroup(1, "Doneness", (Option(1, "Rare"), Option(2, "Well done")), 1, 1),
        ModifierGroup(2, "Sauce", (Option(3, "Pepper", 200), Option(4, "Mustard")), 0, 2),
        ModifierGroup(3, "Side", (Option(5, "Fries"), Option(6, "Salad", 150)), 1, 2),
    )
    assert [item.modifier_groups for item in menu.items] == [(1, 2), (2, 3)]


def test_every_mistake_is_told_at_once_with_its_row() -> None:
    text = (
        f"{HEAD},station,stock,tax_rate\n"
        "1,Mains,Soup,cheap,kitchen,,\n"
        "1,,Salad,4.50,kitchen,,\n"
        "x,Mains,,4.50,The Kitchen,,\n"
        "4,Mains,Fish,4.50,bar,-1,200\n"
    )
    assert sorted(_complaints(text)) == [
        (2, "price"),
        (3, "category"),
        (3, "id"),
        (4, "id"),
        (4, "name"),
        (4, "station"),
        (5, "stock"),
        (5, "tax_rate"),
    ]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("Size", "before it is described"),
        ("Size (some): Small / Large", "is not '(choose 1)'"),
        ("Size (choose 3): Small / Large", "3 to 3 of 2 options"),
        ("Size: Small / Small", "the same thing twice"),
        ("Size: Small / +2.00", "must not be empty"),
        ("Size: Small / Large +2.005", "more digits"),
        ("Size: Small; Size: Large", "described differently before"),
    ],
)
def test_modifiers_that_cannot_be_meant(cell: str, words: str) -> None:
    complaints = parse(f'{HEAD},modifiers\n1,A,B,1,"{cell}"\n', "csv", "EUR")
    assert isinstance(complaints, list)
    assert [(complaint.row, complaint.column) for complaint in complaints] == [(2, "modifiers")]
    assert words in complaints[0].message


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [(1, "category"), (1, "id"), (1, "name"), (1, "price")]),
        ("id,category,name,price\n", [(0, "")]),
        ("id,category,name,price,colour\n1,A,B,1,red\n", [(1, "colour")]),
        ("id,category,name,price,name\n1,A,B,1,C\n", [(1, "name")]),
        ("id,category,name,price\n1,A,B,1,stray\n", [(2, "")]),
        ('id,category,name,price\n1,A,"B"x,1\n', [(2, "")]),
        ("x" * (MOST_BYTES + 1), [(0, "")]),
    ],
)
def test_files_that_are_no_menu(text: str, places: list[tuple[int, str]]) -> None:
    assert _complaints(text) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("{", [(0, "")]),
        ("[]", [(0, "items")]),
        ('{"items": [7]}', [(1, "")]),
        ('{"items": [{"id": 1, "category": "A", "name": "B", "price": 1, "x": 1}]}', [(1, "x")]),
        ('{"items": [{"id": true, "category": [], "name": {}, "price": null}]}', [(1, "category")]),
        (
            '{"currency": "USD", "items": [{"id": 1, "category": "A", "name": "B", "price": 1}]}',
            [(0, "currency")],
        ),
        ('{"modifiers": [{"name": "S"}], "items": []}', [(1, "modifiers")]),
        (
            '{"items": [{"id": 1, "category": "A", "name": "B", "price": 1, "modifiers": ["S"]}]}',
            [(1, "modifiers")],
        ),
        (
            '{"items": [{"id": 1, "category": "A", "name": "B", "price": 1, "allergens": "nuts"}]}',
            [(1, "allergens")],
        ),
    ],
)
def test_json_that_is_no_menu(text: str, places: list[tuple[int, str]]) -> None:
    found = _complaints(text, "json")
    assert set(places) <= set(found)


DISHES = "10,M,Burger,9.50,,,\n11,M,Wrap,9,,,\n20,D,Cola,3,,,\n"


def test_a_combo_an_hour_and_a_price_to_take_away_are_read() -> None:
    cells = '"Main: 10 / 11 +1,50; Drink: 20 -0.50",mon-fri 11:30-14:30; sun 9:00-2:00,11.90'
    row = f"1,Deals,Lunch,12.90,{cells}\n"
    lunch = _menu(f"{HEAD},combo,hours,takeaway_price\n{DISHES}{row}").items[-1]
    assert lunch.slots == (
        ComboSlot(1, "Main", (ComboChoice(10), ComboChoice(11, 150))),
        ComboSlot(2, "Drink", (ComboChoice(20, -50),)),
    )
    assert lunch.hours == (
        ServingHours("11:30", "14:30", ("mon", "tue", "wed", "thu", "fri")),
        ServingHours("09:00", "02:00", ("sun",)),
    )
    assert (lunch.price_for(takeaway=True), lunch.price_for(takeaway=False)) == (1190, 1290)
    same = {
        "id": 1,
        "category": "Deals",
        "name": "Lunch",
        "price": "12.90",
        "takeaway_price": "11.90",
        "hours": "Mon-Fri 11:30-14:30; Sun 09:00-02:00",
        "combo": [
            {"name": "Main", "choices": [{"id": 10}, {"id": 11, "price": 1.5}]},
            {"name": "Drink", "choices": [{"id": 20, "price": "-0.50"}]},
        ],
    }
    dishes = [{"id": each, "category": "M", "name": "X", "price": "9"} for each in (10, 11, 20)]
    read = _menu(msgspec.json.encode({"items": [*dishes, same]}).decode(), "json")
    assert read.items[-1] == lunch


@pytest.mark.parametrize(
    ("combo", "hours", "column"),
    [
        ("Main: 10 / 99", "", "combo"),
        ("Main: 10 / 10", "", "combo"),
        ("Main", "", "combo"),
        ("Main: Burger", "", "combo"),
        ("Main: 10 +1.505", "", "combo"),
        ("Main: 1", "", "combo"),
        ("; ".join(f"S{n}: 10" for n in range(21)), "", "combo"),
        ("", "noon-14:00", "hours"),
        ("", "mon-xyz 10:00-14:00", "hours"),
        ("", "10:00-24:30", "hours"),
    ],
)
def test_combos_and_hours_that_cannot_be_meant(combo: str, hours: str, column: str) -> None:
    row = f'1,Deals,Lunch,12.90,"{combo}",{hours},\n'
    assert _complaints(f"{HEAD},combo,hours,takeaway_price\n{DISHES}{row}") == [(5, column)]


def test_a_combo_has_neither_modifiers_nor_a_tax_of_its_own_nor_a_price_below_zero() -> None:
    head = f"{HEAD},combo,modifiers,tax_rate"
    row = "1,Deals,Lunch,12.90,Main: 10,Size: Small / Large,19\n"
    assert sorted(_complaints(f"{head}\n{DISHES}{row}")) == [(5, "modifiers"), (5, "tax_rate")]
    row = "1,Deals,Lunch,2.00,Main: 10 -2.50,,\n"
    assert _complaints(f"{head}\n{DISHES}{row}") == [(0, "")]


def test_a_complaint_reads_like_a_sentence() -> None:
    assert str(Complaint(7, "price", "'x' is not a price.")) == "Row 7, price: 'x' is not a price."
    assert str(Complaint(0, "", "there is not one item in it.")) == "The file: there is not one item in it."


@given(text=st.text(max_size=300), format=st.sampled_from(["csv", "json"]))
def test_any_text_gives_a_menu_or_complaints(text: str, format: str) -> None:
    result = parse(text, format, "EUR")
    assert isinstance(result, Menu) or result


@given(
    cells=st.lists(
        st.sampled_from(["1", "2", "", "A", "6.50", "-1", "x" * 200, "Size: S / L", "kitchen", "\0", "７"]),
        min_size=10,
        max_size=40,
    )
)
def test_any_rows_give_a_menu_or_complaints(cells: list[str]) -> None:
    head = "id,category,name,price,description,station,allergens,modifiers,stock,tax_rate"
    rows = [",".join(cells[start : start + 10]) for start in range(0, len(cells), 10)]
    result = parse("\n".join([head, *rows]), "csv", "EUR")
    assert isinstance(result, Menu) or result
