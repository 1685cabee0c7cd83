"""What a box consists of: a profile turned into steps, in the order in which they can be taken. Pure.

Counterpart of `docs/install.md`, which says the same to people. The texts are in `templates`.
"""

import ipaddress
from importlib.resources import files
from string import Template

from edge.provision import expected
from edge.provision.profile import AccessPoint, Profile
from edge.provision.steps import Account, Directory, Enabled, File, Link, Once, Packages, Step, Unit

#: Where a bundle is put on the box: wheels, Debian packages, its manifest.
BUNDLES = "/opt/holdfast/bundles"
RELEASES = "/opt/holdfast/releases"
CURRENT = "/opt/holdfast/current"
DATA = "/var/lib/holdfast"
RELEASE_KEY = "/etc/holdfast/release.pub"
SECRETS = "/etc/holdfast/secrets"

EDGE = "holdfast-edge.service"
ASKED = "holdfast-upgrade-asked"
MOSQUITTO = "mosquitto.service"
CHRONY = "chrony.service"
NFTABLES = "nftables.service"
HOSTAPD = "hostapd.service"
DNSMASQ = "dnsmasq.service"
JOURNALD = "systemd-journald.service"

_PACKAGES = ("ca-certificates", "chrony", "mosquitto", "nftables", "python3-venv")
_ACCESS_POINT_PACKAGES = ("dnsmasq", "hostapd", "iproute2")

#: Arguments: version, folder of the bundle, folder of the release. Leaves `.complete` when all is there.
#: Whoever was cut off may still be at it over there: the next one waits until it has ended.
INSTALL = """
version=$1 bundle=$2 release=$3
exec 9< "$bundle"
flock 9
rm -rf "$release"
python3 -m venv "$release"
index=
[ ! -e "$bundle/offline" ] || index=--no-index
"$release/bin/pip" --disable-pip-version-check install --quiet --no-cache-dir $index \\
  --find-links "$bundle/wheels" "holdfast[edge]==$version"
"$release/bin/holdfast-edge" --version
sync
touch "$release/.complete"
"""
#: Arguments: what shall be in use, and the link that says so.
SWITCH = """
ln -s "$1" "$2.new"
mv -T "$2.new" "$2"
"""
#: Without it `sudo` asks the network who this is, and waits for an answer where there is none.
_OWN_NAME = """
{ grep -v '^127\\.0\\.1\\.1[[:space:]]' /etc/hosts || true; } > /etc/hosts.new
printf '127.0.1.1\\t%s\\n' "$2" >> /etc/hosts.new
cat /etc/hosts.new > /etc/hosts
rm -f /etc/hosts.new /etc/holdfast/named-*
touch "$1"
"""
_PASSWORDS = """
stamp=$1; shift
/usr/local/lib/holdfast/mqtt-passwords "$@"
rm -f /etc/holdfast/mqtt-users-*
touch "$stamp"
"""


def layout(profile: Profile) -> list[Step]:
    """All that shall be so on the box of this profile."""
    return [
        Packages(packages(profile), local=f"{bundle(profile)}/debs"),
        Account("holdfast", DATA),
        *_directories(),
        *_data(profile),
        *_release(profile),
        *_broker(profile),
        *_system(profile),
        *_firewall(profile),
        *(_access_point(profile, profile.network.access_point) if profile.network.access_point else []),
        *_service(profile),
    ]


def packages(profile: Profile) -> tuple[str, ...]:
    """The Debian packages a box needs."""
    return _PACKAGES + (_ACCESS_POINT_PACKAGES if profile.network.access_point else ())


def bundle(profile: Profile) -> str:
    """Where the release's bundle lies on the box."""
    return f"{BUNDLES}/{profile.version}"


def render(name: str, **values: str) -> bytes:
    """A template with its values. Raises KeyError for one that is missing."""
    text = files("edge.provision").joinpath("templates", name).read_text()
    return Template(text).substitute(values).encode()


def template(name: str) -> bytes:
    """A text that goes to the box as it is."""
    return files("edge.provision").joinpath("templates", name).read_bytes()


def _directories() -> list[Step]:
    return [
        Directory("/opt/holdfast"),
        Directory(RELEASES),
        Directory("/etc/holdfast"),
        Directory("/etc/holdfast/tls", 0o750, "root", "holdfast"),
        Directory(SECRETS, 0o700),
        Directory("/usr/local/lib/holdfast"),
        Directory("/media/holdfast-backup", 0o700, "holdfast", "holdfast"),
    ]


def _data(profile: Profile) -> list[Step]:
    device = profile.board.data_device
    if device is None:
        return []
    content = render("data.mount", device=device)
    unit = "var-lib-holdfast.mount"
    return [File(f"/etc/systemd/system/{unit}", content), Unit(unit)]


def _release(profile: Profile) -> list[Step]:
    release = f"{RELEASES}/{profile.version}"
    return [
        Once(
            f"release {profile.version}",
            f"{release}/.complete",
            INSTALL,
            (profile.version, bundle(profile), release),
        ),
        # Later releases come by upgrade: an installer's second visit must not take the box back.
        Once("a release in use", CURRENT, SWITCH, (release, CURRENT)),
        Link("/usr/local/bin/holdfast-edge", f"{CURRENT}/bin/holdfast-edge"),
        Link("/usr/local/bin/holdfast-provision", f"{CURRENT}/bin/holdfast-provision"),
    ]


def _broker(profile: Profile) -> list[Step]:
    users = ("holdfast", *(device.name for device in profile.kitchen))
    stamp = f"/etc/holdfast/mqtt-users-{'+'.join(users)}"
    acl = template("mosquitto.acl").decode() + "".join(
        f"\nuser {device.name}\n"
        f"topic read v1/+/kds/{device.station}/ticket\n"
        f"topic read v1/+/kds/{device.station}/snapshot\n"
        f"topic read v1/+/kds/{device.station}/error\n"
        f"topic write v1/+/kds/{device.station}/ack\n"
        "topic read v1/+/status\n"
        for device in profile.kitchen
    )
    restarts = (MOSQUITTO,)
    return [
        File("/usr/local/lib/holdfast/mqtt-passwords", template("mqtt-passwords"), 0o755),
        Once("MQTT users", stamp, _PASSWORDS, (stamp, *users), restarts),
        File("/etc/mosquitto/holdfast.acl", acl.encode(), 0o640, "root", "mosquitto", restarts),
        File("/etc/mosquitto/conf.d/holdfast.conf", template("mosquitto.conf"), restarts=restarts),
        Unit(MOSQUITTO),
    ]


def _system(profile: Profile) -> list[Step]:
    named = f"/etc/holdfast/named-{profile.hostname}"
    allowed = "\n".join(f"allow {network}" for network in _networks(profile, profile.network.devices))
    return [
        File("/etc/hostname", f"{profile.hostname}\n".encode()),
        Once("the box knows its own name", named, _OWN_NAME, (named, profile.hostname)),
        Link("/etc/localtime", f"../usr/share/zoneinfo/{profile.timezone}"),
        File("/etc/chrony/chrony.conf", render("chrony.conf", allowed=allowed), restarts=(CHRONY,)),
        Unit(CHRONY),
        File("/etc/systemd/journald.conf.d/holdfast.conf", template("journald.conf"), restarts=(JOURNALD,)),
        File("/etc/systemd/system.conf.d/holdfast.conf", template("watchdog.conf")),
        File("/etc/sysctl.d/90-holdfast.conf", template("sysctl.conf"), restarts=("systemd-sysctl.service",)),
    ]


def _networks(profile: Profile, named: tuple[str, ...]) -> list[str]:
    """IPv4 networks the installer named, or every private one; the box's own Wi-Fi always belongs."""
    point = profile.network.access_point
    own = [str(ipaddress.IPv4Interface(point.address).network)] if point else []
    inside = [each for each in named or profile.private_networks if ":" not in each]
    return sorted({*inside, *own})


def _firewall(profile: Profile) -> list[Step]:
    network = profile.network
    point = network.access_point
    rules = f'    iifname "{point.interface}" udp dport {{ 53, 67 }} accept' if point else ""
    rules += f'\n    iifname "{point.interface}" tcp dport 53 accept' if point else ""
    content = render(
        "nftables.conf",
        guests=", ".join(_networks(profile, network.guests)),
        devices=", ".join(_networks(profile, network.devices)),
        admins=", ".join(_networks(profile, network.admins)),
        access_point=rules,
    )
    return [File("/etc/nftables.conf", content, 0o755, restarts=(NFTABLES,)), Unit(NFTABLES)]


def _access_point(profile: Profile, point: AccessPoint) -> list[Step]:
    interface = ipaddress.IPv4Interface(point.address)
    # The first addresses stay free for printers and plugs with fixed ones.
    hosts = list(interface.network.hosts()) if interface.network.prefixlen >= 16 else []
    first, last = (
        (hosts[len(hosts) // 4], hosts[-2]) if hosts else (interface.ip + 1000, interface.ip + 60000)
    )
    names = render(
        "dnsmasq.conf",
        interface=point.interface,
        dns_name=_name(profile),
        address=str(interface.ip),
        first=str(first),
        last=str(last),
        netmask=str(interface.network.netmask),
    )
    radio = render(
        "hostapd.conf",
        interface=point.interface,
        ssid=point.ssid.replace("\\", "\\\\").replace('"', '\\"'),
        country=point.country,
        channel=str(point.channel),
        passphrase=point.passphrase,
    )
    address = render("hostapd-address.conf", interface=point.interface, address=point.address)
    unmanaged = render("networkmanager.conf", interface=point.interface)
    return [
        File("/etc/NetworkManager/conf.d/holdfast.conf", unmanaged),
        File("/etc/hostapd/hostapd.conf", radio, 0o600, restarts=(HOSTAPD,)),
        File("/etc/systemd/system/hostapd.service.d/holdfast.conf", address, restarts=(HOSTAPD,)),
        File("/etc/dnsmasq.d/holdfast.conf", names, restarts=(DNSMASQ,)),
        # Debian masks hostapd until it has a configuration.
        Once(
            "hostapd may start",
            "/etc/holdfast/hostapd-unmasked",
            'systemctl unmask hostapd.service; touch "$1"',
            ("/etc/holdfast/hostapd-unmasked",),
        ),
        Unit(HOSTAPD),
        Unit(DNSMASQ),
    ]


def _name(profile: Profile) -> str:
    """What phones call the box, if somebody resolves it: the venue's DNS, or the box on its own Wi-Fi."""
    return profile.dns_name or (f"{profile.hostname}.lan" if profile.network.access_point else "")


def _service(profile: Profile) -> list[Step]:
    name = _name(profile)
    options = f" --public-url http://{name}" if name else ""
    options += f" --cloud {profile.cloud.url}" if profile.cloud else ""
    kitchen = tuple(dict.fromkeys(each.station for each in profile.kitchen))
    return [
        *([File(RELEASE_KEY, f"{profile.release_key}\n".encode())] if profile.release_key else []),
        File(str(expected.LIST), expected.encode(profile.device, kitchen), 0o640, "root", "holdfast"),
        File(f"/etc/systemd/system/{EDGE}", render(EDGE, options=options), restarts=(EDGE,)),
        File("/usr/local/lib/holdfast/nightly-backup", template("nightly-backup"), 0o755),
        File("/etc/systemd/system/holdfast-backup.service", template("holdfast-backup.service")),
        File("/etc/systemd/system/holdfast-backup.timer", template("holdfast-backup.timer")),
        File("/etc/systemd/system/holdfast-upgrade.service", template("holdfast-upgrade.service")),
        File(f"/etc/systemd/system/{ASKED}.service", template(f"{ASKED}.service")),
        File(f"/etc/systemd/system/{ASKED}.path", template(f"{ASKED}.path")),
        Unit("holdfast-backup.timer"),
        Unit(f"{ASKED}.path"),
        Enabled("holdfast-upgrade.service"),
        Unit(EDGE),
    ]
