"""TypeScript of the pages, from the structs that the box parses and sends.

Rule of the file: `SURFACES` says what a page may import and under which name; every struct that those refer
to must stand there too. A field that the box may leave out is optional, one that may be empty is `| null`.

Counterpart: `typescript/messages` is the output, a file for each surface, by `python -m protocol.schema`.
"""

import re
from typing import Any, get_args

import msgspec
from msgspec import inspect

from protocol import (
    afar,
    balance,
    bill,
    board,
    card,
    cart_snapshot,
    devices,
    far_table,
    floor,
    menu_message,
    news,
    pairing,
    play,
    play_time,
    shift,
    shop,
    table,
)
from protocol.bookings import messages as booking
from protocol.design import parameters, templates, variants
from protocol.errors import CODES
from protocol.facts import menu, play_events
from protocol.facts.drill import Finding
from protocol.schema import shapes

#: File of `typescript/messages` -> TypeScript name -> a struct, a union of structs, or a literal.
SURFACES: dict[str, dict[str, Any]] = {
    "menu": {
        "MenuOption": menu_message.OptionMessage,
        "ModifierGroup": menu_message.ModifierGroupMessage,
        "ComboChoice": menu_message.ComboChoiceMessage,
        "ComboSlot": menu_message.ComboSlotMessage,
        "DishPicture": menu.DishPicture,
        "MenuItem": menu_message.MenuItemMessage,
        "Menu": menu_message.MenuMessage,
    },
    "guests": {
        "Joined": table.JoinReply,
        "SlotChoice": news.ChoiceMessage,
        "CartItem": news.ItemMessage,
        "Member": news.MemberMessage,
        "OrderedPart": news.PartMessage,
        "OrderedLine": news.LineMessage,
        "PlacedOrder": cart_snapshot.OrderMessage,
        "OrderProcessing": cart_snapshot.OrderProcessing,
        "OrderFailure": cart_snapshot.OrderFailure,
        "RecalledLine": cart_snapshot.RecalledLine,
        "CartSnapshot": cart_snapshot.CartSnapshot,
        "OrderReply": table.OrderReply,
        "CartCreate": shapes.CartCreate,
        "CartChange": shapes.CartChange,
        "CartDelete": shapes.CartDelete,
        "CartMutate": shapes.CartMutation,
        "CartUpdate": news.CartUpdate,
        "CartLocked": news.CartLockedMessage,
        "CartUnlocked": news.CartUnlockedMessage,
        "OrderUnderWay": news.OrderProcessingMessage,
        "OrderConfirmed": news.OrderConfirmedMessage,
        "FiredOrder": news.FiredOrder,
        "OrderFired": news.OrderFiredMessage,
        "OrderFailed": news.OrderFailedMessage,
        "OrderStatus": news.OrderStatusMessage,
        "MemberJoined": news.MemberJoinedMessage,
        "PassValidated": news.PassValidatedMessage,
        "TableClosed": news.TableClosedMessage,
        "TableMoved": news.TableMovedMessage,
        "BillChanged": news.BillChangedMessage,
        "MenuChanged": news.MenuChangedMessage,
        "SoldOut": news.SoldOutMessage,
        "PlayTime": play_time.PlayTime,
        "PlayTimes": play_time.PlayTimes,
        "PlayTimeMessage": play_time.PlayTimeMessage,
        "Pong": news.PongMessage,
        "ErrorMessage": news.ErrorMessage,
        "TableMessage": news.TableNews,
    },
    "far": {
        "FarTable": far_table.FarTable,
        "FarOrder": far_table.FarOrder,
        "FarOutcome": far_table.FarOutcome,
        "FarReach": far_table.FarReach,
        "FarMenu": far_table.FarMenu,
        "FarStanding": far_table.FarStanding,
        "FarPong": far_table.FarPong,
        "FarNews": far_table.FarNews,
    },
    "bills": {
        "BillLine": bill.BillLineMessage,
        "BillTax": bill.TaxMessage,
        "BillSharePiece": bill.SharePieceMessage,
        "BillShare": bill.ShareMessage,
        "BillPayment": bill.BillPaymentMessage,
        "BillStatus": bill.BillStatus,
        "Bill": bill.BillMessage,
        "BillRow": bill.BillRow,
        "Bills": bill.BillsReply,
        "PaymentStatus": bill.PayStatus,
        "Payment": bill.PaymentMessage,
        "OnlinePayment": card.OnlinePayment,
        "StoredCard": card.StoredCardRow,
        "StoredCards": card.StoredCardsReply,
        "StoredSettled": card.StoredSettled,
        "ReceiptLine": bill.ReceiptLineMessage,
        "Receipt": bill.ReceiptMessage,
        "Receipts": bill.ReceiptsReply,
        "Paid": bill.PaidReply,
        "StatementCode": balance.StatementCode,
        "BalanceSignedIn": balance.BalanceSignedIn,
        "BalanceKind": balance.Kind,
        "BalanceRow": balance.BalanceRow,
        "BalanceStatement": balance.BalanceStatement,
        "ShiftMethod": shift.MethodMessage,
        "ShiftAdjustment": shift.AdjustmentMessage,
        "ShiftDeposit": shift.DepositMessage,
        "ShiftPrepaid": shift.PrepaidMessage,
        "PaidIn": balance.PaidInReply,
        "PaidInList": balance.PaidInList,
        "BalanceFound": balance.BalanceFound,
        "BalancesFound": balance.BalancesFound,
        "ShiftReport": shift.ReportMessage,
        "Shift": shift.ShiftMessage,
        "ShiftRow": shift.ShiftRow,
        "Shifts": shift.ShiftsReply,
    },
    "stations": {
        "PlayMethod": play_events.Method,
        "StationStatus": play.StationStatus,
        "PlaySession": play.SessionReply,
        "NextBooking": play.NextBooking,
        "Station": play.StationReply,
        "Stations": play.StationsReply,
        "Offer": play.Offer,
        "Prices": play.PricesReply,
        "FoundDevice": devices.FoundDevice,
        "FoundDevices": devices.FoundReply,
        "Trial": devices.TrialReply,
        "LastTrial": devices.LastTrial,
        "ServingDevice": devices.DeviceReply,
        "ServingDevices": devices.DevicesReply,
        "AdoptedDevice": devices.AdoptedReply,
        "ReleasedDevice": devices.ReleasedReply,
        "BookingStatus": booking.BookingStatus,
        "DepositStatus": booking.DepositStatus,
        "Booking": booking.BookingReply,
        "BookingHour": booking.BookingHour,
        "BookingRules": booking.BookingRulesMessage,
        "BookingDay": booking.BookingDayReply,
        "BookingChangedNews": booking.BookingChangedNews,
        "StationStatusNews": play.StationStatusNews,
        "StationBookedNews": play.StationBookedNews,
        "SessionStartedNews": play.SessionStartedNews,
        "SessionExtendedNews": play.SessionExtendedNews,
        "SessionExpiredNews": play.SessionExpiredNews,
        "SessionStoppedNews": play.SessionStoppedNews,
        "SessionChangedNews": play.SessionChangedNews,
        "SessionWarningNews": play.SessionWarningNews,
        "DeviceNews": play.DeviceNews,
        "AlarmNews": play.AlarmNews,
    },
    "afar": {
        "DrillFinding": Finding,
        "GivenWord": afar.GivenWord,
        "HeldLine": afar.HeldLine,
        "HeldOrder": afar.HeldOrder,
        "RefundWanted": afar.RefundWanted,
        "OwnersNote": afar.OwnersNote,
        "Approvals": afar.ApprovalsReply,
        "Drill": afar.DrillReply,
        "Drills": afar.DrillsReply,
        "UpgradeWaits": afar.UpgradeWaits,
        "Afar": afar.Afar,
        "AfarNews": afar.AfarNews,
    },
    "staff": {
        "LinkWord": floor.LinkWord,
        "StaffMember": floor.MemberState,
        "StaffTable": floor.TableState,
        "StaffTables": floor.TablesReply,
        "HeldCourse": floor.HeldCourse,
        "StaffOrder": floor.OrderState,
        "LinkFault": floor.Fault,
        "StaffLink": floor.LinkState,
        "Colleague": floor.Colleague,
        "Colleagues": floor.StaffReply,
        "StaffHello": floor.StaffHello,
        "TableStatusNews": floor.TableStatusNews,
        "OrderStatusNews": floor.OrderStatusNews,
        "LinkStatusNews": floor.LinkStatusNews,
        "StockNews": floor.StockNews,
        "Pairing": pairing.Invited,
        "StaffPong": floor.StaffPong,
        "StaffMessage": floor.StaffNews,
    },
    "kitchen": {
        "TicketState": board.TicketState,
        "KitchenTicket": board.TicketMessage,
        "KitchenAck": shapes.KitchenAck,
        "KitchenBump": shapes.KitchenBump,
        "KitchenFire": shapes.KitchenFire,
        "KitchenBoard": board.BoardMessage,
        "KitchenMove": board.TicketMoved,
        "KitchenMessage": board.BoardNews,
    },
    "shop": {
        "PlacedPicture": parameters.PlacedPicture,
        "PlacedText": parameters.PlacedText,
        "DesignParameters": parameters.Parameters,
        "DesignShape": templates.Shape,
        "DesignTemplate": templates.Template,
        "ShopChoice": variants.Choice,
        "ShopOption": variants.Option,
        "ShopProduct": shop.ProductReply,
        "Shop": shop.ShopReply,
        "ShopDesign": shop.DesignReply,
        "PictureReply": shop.PictureReply,
        "ShopOrder": shop.ShopOrderReply,
    },
}
_NAMED = {name: what for named in SURFACES.values() for name, what in named.items()}
_FILE_OF = {name: file for file, named in SURFACES.items() for name in named}

_HEAD = """\
/**
 * Shapes of what travels between pages and the box. Generated by `python -m protocol.schema`; do not edit.
 *
 * Source: `SURFACES` in `protocol/schema/interfaces.py`, which says from which struct each comes.
 */
"""

_PLAIN: dict[type, str] = {
    inspect.AnyType: "unknown",
    inspect.NoneType: "null",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.DecimalType: "number",
    inspect.StrType: "string",
}


def interfaces() -> dict[str, str]:
    """The text of every file of `typescript/messages`, by its name."""
    errors = _declared("ErrorCode", "Every reason for which Holdfast says no.", _quoted(CODES))
    files = {f"{file}.ts": _surface(file) for file in SURFACES}
    doors = "\n".join(f'export type * from "./{file}";' for file in sorted(["errors", *SURFACES]))
    return {**files, "errors.ts": f"{_HEAD}\n{errors}", "index.ts": f"{_HEAD}{doors}\n"}


def _surface(file: str) -> str:
    declared = "\n".join(_declaration(name, what) for name, what in SURFACES[file].items())
    imported = "".join(
        f'import type {{ {", ".join(names)} }} from "./{other}";\n'
        for other in sorted(SURFACES)
        if other != file and (names := [name for name in _mentioned(declared) if _FILE_OF[name] == other])
    )
    return f"{_HEAD}{imported}\n{declared}"


def _mentioned(declared: str) -> list[str]:
    """The names of `SURFACES` that stand in code, in comments and words not."""
    code = re.sub(r'/\*\*.*?\*/|"[^"]*"', "", declared)
    return sorted(set(re.findall(r"\w+", code)) & _FILE_OF.keys())


def _declaration(name: str, what: Any) -> str:
    if isinstance(what, type) and issubclass(what, msgspec.Struct):
        return _interface(name, what)
    if all(isinstance(each, str) for each in get_args(what)):
        return _declared(name, None, _quoted(get_args(what)))
    return _declared(name, None, [_name_of(each) for each in get_args(what)])


def _declared(name: str, comment: str | None, choices: list[str]) -> str:
    lines = [f"/** {comment} */"] if comment else []
    return "\n".join([*lines, f"export type {name} =", *(f"  | {choice}" for choice in choices)]) + ";\n"


def _quoted(words: Any) -> list[str]:
    return [f'"{word}"' for word in words]


def _interface(name: str, struct: type[msgspec.Struct]) -> str:
    found = inspect.type_info(struct)
    assert isinstance(found, inspect.StructType)
    sentence = (struct.__doc__ or "").strip().partition("\n")[0]
    lines = [f"/** {sentence} */", f"export interface {name} {{"]
    if found.tag is not None:
        lines.append(f'  {found.tag_field}: "{found.tag}";')
    omitted = struct.__struct_config__.omit_defaults
    lines += [_field(field, (omitted and not field.required) or _unset(field)) for field in found.fields]
    return "\n".join([*lines, "}"]) + "\n"


def _unset(field: inspect.Field) -> bool:
    """Whether it is left out where nobody said anything."""
    return not field.required and field.default is field.default_factory is msgspec.NODEFAULT


def _field(field: inspect.Field, optional: bool) -> str:
    written = _written(field.type)
    if optional:
        return f"  {field.encode_name}?: {written.removesuffix(' | null')};"
    return f"  {field.encode_name}: {written};"


def _written(kind: inspect.Type) -> str:
    plain = _PLAIN.get(type(kind))
    if plain is not None:
        return plain
    match kind:
        case inspect.StructType(cls=struct):
            return _name_of(struct)
        case inspect.LiteralType(values=values):
            return _alias_of(values) or " | ".join(_quoted(values))
        case inspect.UnionType(types=types):
            words = dict.fromkeys(map(_written, types))
            return " | ".join(sorted(words, key=lambda word: word == "null"))
        case inspect.DictType(value_type=value):
            return f"Record<string, {_written(value)}>"
        case inspect.VarTupleType(item_type=item):
            inner = _written(item)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case _:
            raise TypeError(f"a page cannot be told of {kind}")


def _name_of(struct: Any) -> str:
    """The name a struct was given; one that was forgotten fails here, not in a page."""
    return next(name for name, what in _NAMED.items() if what is struct)


def _alias_of(values: tuple[Any, ...]) -> str | None:
    """The name of a literal with the same words, if there is one."""
    return next((name for name, what in _NAMED.items() if set(get_args(what)) == set(values)), None)
