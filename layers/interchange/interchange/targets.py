"""Whom we may call: URLs that mean one thing only, and addresses of the public internet.

A caller names the URL, so it may name what only we can reach: the credentials at 169.254.169.254, a
database in our network. https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

_LONGEST_URL = 2048
# RFC 3986's characters, so neither spaces nor NUL nor a backslash, which parsers read differently.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME = 253
_PORTS = {"https": 443, "http": 80}

# https://www.iana.org/assignments/iana-ipv4-special-registry/ and the same of IPv6; what embeds an
# IPv4 address by a gateway of somebody's (NAT64, 6to4, Teredo) is denied as a whole.
_DENIED = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/4 240.0.0.0/4
    ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
_NETWORKS = tuple(map(ip_network, _DENIED.split()))


class Forbidden(Exception):
    """We do not call this, whatever it answers; `kind` is for programs."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Target(NamedTuple):
    """A URL, taken apart: `authority` is what the Host header says."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    allow_local: bool

    @property
    def is_address(self) -> bool:
        """Tell whether the host is an address, which names itself."""
        return ":" in self.host or self.host.rpartition(".")[2].isdecimal()

    def allows(self, address: str) -> bool:
        """Tell whether we may connect there: to the public internet, or, if set, to ourselves."""
        found = ip_address(address)
        if isinstance(found, IPv6Address):
            if found.scope_id is not None:
                return False
            found = found.ipv4_mapped or found
        if self.allow_local and found.is_loopback:
            return True
        return not any(found in network for network in _NETWORKS)


@lru_cache(1024)
def parse(url: str, *, allow_local: bool) -> Target:
    """Take a URL apart; Forbidden for one that is not plain https, or http where local ones are."""
    if len(url) > _LONGEST_URL or not _CHARACTERS.fullmatch(url):
        raise _refused(f"A URL has at most {_LONGEST_URL} characters, those of RFC 3986, no `#`.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("The URL cannot be read.") from None
    if parts.scheme not in (_PORTS if allow_local else ("https",)):
        raise _refused("Only https is called.")
    if "@" in parts.netloc:
        raise _refused("A URL here has no user name and no password.")
    if port == 0 or parts.netloc.endswith(":"):
        raise _refused("The port is none.")
    return _target(parts, _host(parts), port or _PORTS[parts.scheme], allow_local=allow_local)


def _target(parts: SplitResult, host: str, port: int, *, allow_local: bool) -> Target:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port == _PORTS[parts.scheme] else f"{shown}:{port}"
    return Target(parts.scheme, host, port, authority, path, allow_local)


def _host(parts: SplitResult) -> str:
    """Give the host; an address only as everybody writes it: 2130706433 is 127.0.0.1, too."""
    host = parts.hostname or ""
    if "[" in parts.netloc:
        return _address(host, IPv6Address)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _address(host, IPv4Address)
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        raise _refused("The host is no name; one in other letters is written in punycode.")
    return host


def _address(host: str, kind: type[IPv4Address | IPv6Address]) -> str:
    refused = _refused("The host is no address as 192.0.2.1 or [2001:db8::1].")
    if "%" in host:
        raise refused
    try:
        return str(kind(host))
    except ValueError:
        raise refused from None


def _refused(detail: str) -> Forbidden:
    return Forbidden("url_forbidden", detail)
