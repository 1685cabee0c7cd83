"""What a box is told when it starts; everything else comes from the cloud or from its own journal."""

from pathlib import Path

import msgspec


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Command-line settings of `holdfast-edge run`.

    `public_url` is how phones reach the box and what its QR codes say; `mqtt_url` is
    `mqtt://user:password@host:port`, None for a venue without MQTT devices. `tls` names the folder in which a
    certificate may lie, served on `tls_port` as soon as one does. `retry_pace` shortens the pauses
    between calls to a point of sale; a guest without any sign of life for `owner_grace_s` has gone.
    `internet_probes` are addresses that tell an internet that is gone from a cloud that is.
    `mdns` is the address of the interface on which the box announces itself and hears devices, empty for the
    one it serves on, None for not at all; a plug on trial is measured after `trial_settle_s`, and a kitchen
    has `kitchen_trial_s` to answer a test ticket.
    `stations` names the file with the addresses of plugs and routers, if it is not in the directory.
    `cloud_url` is the cloud that a box without one asks for a code to show.
    `releases` is where releases are installed and `release_key` the file with their makers' public key; the
    cloud is asked for a later one every `release_ask_s`, and whether it may be put in place every
    `release_look_s`.
    """

    directory: Path
    host: str = "0.0.0.0"
    port: int = 8080
    public_url: str | None = None
    mqtt_url: str | None = None
    stations: Path | None = None
    internet_probes: tuple[str, ...] = ()
    tls: Path | None = None
    tls_port: int = 8443
    ticket_resend_s: float = 5.0
    ticket_alarm_s: float = 60.0
    retry_pace: float = 1.0
    owner_grace_s: float = 15.0
    mdns: str | None = None
    trial_settle_s: float = 3.0
    kitchen_trial_s: float = 10.0
    cloud_url: str = ""
    releases: Path = Path("/opt/holdfast")
    release_key: Path = Path("/etc/holdfast/release.pub")
    release_ask_s: float = 900.0
    release_look_s: float = 20.0
