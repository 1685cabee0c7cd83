"""Two boxes: one on a venue's own network, one with everything switched on."""

from edge.provision.profile import parse

PLAIN = parse(
    b"""
name = "Bar Central"
version = "0.1.0"
[board]
kind = "x86-64"
"""
)
WHOLE = parse(
    b"""
name = "Lounge \\u00d6st"
version = "0.1.0"
hostname = "lounge"
dns_name = "box.lounge.example"
timezone = "Europe/Berlin"
[board]
kind = "pi5"
data_device = "LABEL=holdfast"
[network]
guests = ["192.168.20.0/24", "fd00:20::/64"]
devices = ["192.168.30.0/24"]
admins = ["192.168.1.5/32"]
[network.access_point]
ssid = "Lounge \\"\\u00d6st\\""
passphrase = "correct horse"
country = "DE"
[cloud]
url = "https://cloud.example"
[[kitchen]]
name = "hot-screen"
station = "hot"
[[kitchen]]
name = "bar-printer"
station = "bar"
[[device]]
kind = "plug"
station = "PS5-1"
mac = "A8:03:2A:12:34:56"
[[device]]
kind = "router"
name = "Hall"
address = "https://192.168.30.1"
user = "holdfast"
password = "sesame"
machines = { "PS5-1" = "00:D9:D1:00:00:02" }
"""
)
