"""HTTP for stations and for what is paid ahead: the floor, service, agent tokens, balances, guest codes."""

import secrets
from collections.abc import Callable

import msgspec
from aiohttp import web

from edge.core.clock import Now
from edge.core.play import tariff
from edge.core.play.commands import CreditAccount, IssueCode, SetMaintenance
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.counter import balance_name
from edge.web.play.desk import COUNTER, minor_of
from edge.web.play.messages import FloorTeller
from edge.web.tokens import Tokens
from protocol.errors import Refused, refuse
from protocol.facts.account import COUNTER as AT_THE_COUNTER
from protocol.facts.account import Account
from protocol.facts.account import aggregate_of as account_aggregate
from protocol.facts.play_code import PlayCode
from protocol.facts.play_config import PlayStation
from protocol.http import Route
from protocol.identity import readable_code, uuid7
from protocol.money import to_major
from protocol.play import (
    AccountReply,
    AgentTokenReply,
    CodeReply,
    CodeRequest,
    CreditRequest,
    MaintenanceRequest,
    PricesReply,
    StationReply,
    StationsReply,
    code_reply,
)

_CODE_LETTERS = 8

STATIONS = Route(
    method="GET",
    path="/api/v1/stations",
    summary="Every station, who plays there, power and agent.",
    response=StationsReply,
    auth="staff",
)
PRICES = Route(
    method="GET",
    path="/api/v1/stations/{id}/prices",
    summary="What time costs at a station if it begins now.",
    response=PricesReply,
    auth="staff",
    errors=("unknown_station",),
)
MAINTENANCE = Route(
    method="POST",
    path="/api/v1/stations/{id}/maintenance",
    summary="Take a station out of service, or give it back.",
    request=MaintenanceRequest,
    response=StationReply,
    auth="staff",
    errors=("unknown_station",),
)
POWER = Route(
    method="POST",
    path="/api/v1/stations/{id}/power",
    summary="Try power again after a plug has tripped; without a session that runs it stays off.",
    response=StationReply,
    auth="staff",
    errors=("unknown_station",),
)
AGENT_TOKEN = Route(
    method="POST",
    path="/api/v1/stations/{id}/agent_token",
    summary="The token with which a PC's agent signs in; the same every time. Managers only.",
    response=AgentTokenReply,
    auth="staff",
    errors=("unknown_station",),
)
ACCOUNT = Route(
    method="GET",
    path="/api/v1/accounts/{id}",
    summary="A player's balance.",
    response=AccountReply,
    auth="staff",
    errors=("not_configured", "unknown_balance"),
)
CREDIT = Route(
    method="POST",
    path="/api/v1/accounts/{id}/credit",
    summary="Put money on a player's balance.",
    request=CreditRequest,
    response=AccountReply,
    auth="staff",
    errors=("not_configured", "unknown_balance", "wrong_currency", "nothing_due", "mid_reused"),
)
CODES = Route(
    method="POST",
    path="/api/v1/play_codes",
    summary="Sell time to whoever brings the code.",
    request=CodeRequest,
    response=CodeReply,
    status=201,
    auth="staff",
    errors=("not_configured", "code_used", "mid_reused"),
)

_maintenance = msgspec.json.Decoder(MaintenanceRequest)
_credit = msgspec.json.Decoder(CreditRequest)
_code = msgspec.json.Decoder(CodeRequest)


class StationDesk:
    """Handlers of the stations' addresses."""

    def __init__(
        self,
        writer: Writer,
        hot: Hot,
        tokens: Tokens,
        clock: Callable[[], Now],
        teller: FloorTeller,
        ask_again: Callable[[str], None],
    ) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._clock = clock
        self._teller = teller
        self._ask_again = ask_again

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (STATIONS, self.stations),
            (PRICES, self.prices),
            (MAINTENANCE, self.maintenance),
            (POWER, self.power),
            (AGENT_TOKEN, self.agent_token),
            (ACCOUNT, self.account),
            (CREDIT, self.credit),
            (CODES, self.sell_code),
        ]

    async def stations(self, request: web.Request) -> web.Response:
        """`GET /api/v1/stations`."""
        self._tokens.staff(request)
        return answer(StationsReply(self._teller.stations()))

    async def prices(self, request: web.Request) -> web.Response:
        """`GET /api/v1/stations/{id}/prices`."""
        self._tokens.staff(request)
        station, venue = self._station(request), self._hot.committed_venue()
        assert venue is not None  # it has the station
        found = venue.config.play.tariff(station.zone)
        begins = tariff.local_time(self._clock(), venue.config.timezone)
        offers = tariff.offers(found, begins) if found else ()
        per_hour_minor = found.per_hour_minor if found else None
        return answer(PricesReply(station.id, venue.config.currency, per_hour_minor, offers))

    async def maintenance(self, request: web.Request) -> web.Response:
        """`POST /api/v1/stations/{id}/maintenance`."""
        staff = self._tokens.staff(request, *COUNTER)
        body = await body_of(request, _maintenance)
        station = self._station(request)
        command = SetMaintenance(station.id, body.on, f"staff:{staff.user}")
        accepted(await self._writer.execute(command))
        return answer(self._teller.station(station))

    async def power(self, request: web.Request) -> web.Response:
        """`POST /api/v1/stations/{id}/power`."""
        self._tokens.staff(request, *COUNTER)
        station = self._station(request)
        self._ask_again(station.id)
        return answer(self._teller.station(station))

    async def agent_token(self, request: web.Request) -> web.Response:
        """`POST /api/v1/stations/{id}/agent_token`."""
        self._tokens.staff(request, "manager")
        station = self._station(request)
        return answer(AgentTokenReply(station.id, self._tokens.agent_token(station.id)))

    async def account(self, request: web.Request) -> web.Response:
        """`GET /api/v1/accounts/{id}`."""
        self._tokens.staff(request, *COUNTER)
        return answer(self._balance(balance_name(request.match_info["id"])))

    async def credit(self, request: web.Request) -> web.Response:
        """`POST /api/v1/accounts/{id}/credit`."""
        staff = self._tokens.staff(request, *COUNTER)
        body = await body_of(request, _credit)
        user_id = balance_name(request.match_info["id"])
        amount_minor = minor_of(self._hot, body.amount)
        command = CreditAccount(
            user_id, self._new_id(), amount_minor, AT_THE_COUNTER, f"staff:{staff.user}", body.mid
        )
        accepted(await self._writer.execute(command))
        return answer(self._balance(user_id))

    async def sell_code(self, request: web.Request) -> web.Response:
        """`POST /api/v1/play_codes`."""
        staff = self._tokens.staff(request, *COUNTER)
        body = await body_of(request, _code)
        code = readable_code(self._tokens.drawn(body.mid or self._new_id()), _CODE_LETTERS)
        command = IssueCode(
            code,
            max(1, round(body.duration * 60)),
            minor_of(self._hot, body.amount),
            body.payment_method,
            f"staff:{staff.user}",
            body.mid,
        )
        outcome = accepted(await self._writer.execute(command))
        issued = self._hot.committed(outcome.facts[0].aggregate)
        assert isinstance(issued, PlayCode)
        return answer(code_reply(issued), 201)

    def _station(self, request: web.Request) -> PlayStation:
        venue = self._hot.committed_venue()
        station = venue.config.play.station(request.match_info["id"]) if venue else None
        if station is None:
            raise Refused(refuse("unknown_station"))
        return station

    def _balance(self, user_id: str) -> AccountReply:
        venue = self._hot.committed_venue()
        if venue is None:
            raise Refused(refuse("not_configured"))
        account = self._hot.committed(account_aggregate(user_id))
        balance_minor = account.balance_minor if isinstance(account, Account) else 0
        currency = venue.config.currency
        return AccountReply(user_id, to_major(balance_minor, currency), balance_minor, currency)

    def _new_id(self) -> str:
        return uuid7(self._clock().wall_ms, secrets.token_bytes(10))
