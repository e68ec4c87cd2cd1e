"""Which URLs and addresses may be called."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.targets import Forbidden, parse

PUBLIC = parse("https://example.com/", allow_local=False)
LOCAL = parse("https://example.com/", allow_local=True)

_DENIED = """
    0.0.0.0 0.255.255.255 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254
    169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255
    198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 64:ff9b::1
    64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:1ff::1
    2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1
    fc00::1 fd12::1
    fe80::1 fe80::1%eth0 2606:4700::1111%1 fec0::1 ff02::1
"""
_ALLOWED = """
    1.1.1.1 8.8.8.8 100.128.0.1 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 223.255.255.255
    2001:4860:4860::8888 2606:4700:4700::1111 ::ffff:8.8.8.8
"""
DENIED, ALLOWED = _DENIED.split(), _ALLOWED.split()


@pytest.mark.parametrize("address", DENIED)
def test_an_address_that_is_not_public_is_denied(address: str) -> None:
    assert not PUBLIC.allows(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_a_public_address_is_allowed(address: str) -> None:
    assert PUBLIC.allows(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_its_ipv6_form(address: ipaddress.IPv4Address) -> None:
    assert PUBLIC.allows(str(address)) == PUBLIC.allows(f"::ffff:{address}")


@given(st.ip_addresses())
def test_what_is_allowed_is_global_in_pythons_eyes_too(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if PUBLIC.allows(str(address)):
        not_global = (address.is_private, address.is_loopback, address.is_link_local)
        assert not any((*not_global, address.is_multicast, address.is_unspecified))


@pytest.mark.parametrize("address", DENIED)
def test_the_local_setting_opens_this_machine_and_nothing_else(address: str) -> None:
    loopback = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}

    assert LOCAL.allows(address) == (address in loopback)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "//example.com/",
        "example.com",
        "",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:x/",
        "https://example.com:/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/",
        "https://example.0x1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://[1.1.1.1]/",
        "https://[v1.x]/",
        "https://example.com\\@127.0.0.1/",
        "https://exa\x00mple.com/",
        "https://example.com/\x00",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "https://example.com/#fragment",
        "https://例え.jp/",
        "https://example..com/",
        "https://.example.com/",
        "https://-example.com/",
        "https://exa%6dple.com/",
        f"https://{'a' * 64}.com/",
        f"https://{'a.' * 127}com/",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(Forbidden) as refused:
        parse(url, allow_local=False)

    assert refused.value.kind == "url_forbidden"


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            target = parse(url, allow_local=False)
        except Forbidden:
            continue
        assert target.host
        assert 0 < target.port < 65536


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "path"),
    [
        ("https://Example.com", "example.com", 443, "example.com", "/"),
        ("https://example.com:443/a?b=c", "example.com", 443, "example.com", "/a?b=c"),
        ("https://example.com:8443/a%20b", "example.com", 8443, "example.com:8443", "/a%20b"),
        ("https://1.1.1.1/x", "1.1.1.1", 443, "1.1.1.1", "/x"),
        ("https://[2606:4700:0::1111]:8/", "2606:4700::1111", 8, "[2606:4700::1111]:8", "/"),
        (
            "https://xn--bcher-kva.example/",
            "xn--bcher-kva.example",
            443,
            "xn--bcher-kva.example",
            "/",
        ),
        ("https://example.com/a@b", "example.com", 443, "example.com", "/a@b"),
    ],
)
def test_a_target_is_what_the_url_says(
    url: str, host: str, port: int, authority: str, path: str
) -> None:
    assert parse(url, allow_local=False)[1:5] == (host, port, authority, path)


def test_http_is_for_the_local_setting_alone() -> None:
    assert parse("http://localhost:8080/", allow_local=True).port == 8080
    with pytest.raises(Forbidden):
        parse("http://localhost:8080/", allow_local=False)


# What is never called, written out: the code's own list would agree with itself.
_NETWORKS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/4 240.0.0.0/4
    ::/128 ::1/128 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/32 2001::/23 2001:db8::/32
    2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""


@pytest.mark.parametrize("written", _NETWORKS.split())
def test_a_network_that_is_not_public_is_denied_from_its_first_address_to_its_last(
    written: str,
) -> None:
    network = ipaddress.ip_network(written)
    middle = network[network.num_addresses // 2]

    for address in (network[0], middle, network[-1]):
        assert not PUBLIC.allows(str(address))
        if address.version == 4:
            assert not PUBLIC.allows(f"::ffff:{address}")


_BESIDE = """
    9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255
    192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0
    203.0.112.255 203.0.114.0 223.255.255.255 1.0.0.0
    64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff 64:ff9b:2:: 100:0:0:1:: 2001:200:: 2003::
"""


@pytest.mark.parametrize("address", _BESIDE.split())
def test_the_address_beside_a_network_is_public(address: str) -> None:
    assert PUBLIC.allows(address)
