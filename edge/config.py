"""What a box is told when it starts; everything else comes from the cloud or from its own journal."""

from pathlib import Path

import msgspec


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Command-line settings of `holdfast-edge run`.

    `public_url` is how phones reach the box and what its QR codes say; `mqtt_url` is
    `mqtt://user:password@host:port`, None for a venue without MQTT devices.
    """

    directory: Path
    host: str = "0.0.0.0"
    port: int = 8080
    public_url: str | None = None
    mqtt_url: str | None = None
    ticket_resend_s: float = 5.0
    ticket_alarm_s: float = 60.0
