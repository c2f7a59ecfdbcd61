//! Hosts and their addresses: which are this machine, and which are private.

use std::net::IpAddr;

use http::Uri;
use reqwest::Url;

/// Returns true if `http_host` permits plain http to the host of this URL: never to the vendor's, nor to a public address.
pub fn is_http_host_allowed(http_host: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_vendor = host.trim_end_matches('.').ends_with("ocamba.com");
    host.eq_ignore_ascii_case(http_host) && !is_vendor && ip(host).is_none_or(is_private)
}

/// Returns true for this machine: `localhost`, or an address such as `127.0.0.1` or `[::1]`.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || ip(host).is_some_and(|address| address.is_loopback())
}

/// Returns the address that a host is, if it is not a name.
pub fn ip(host: &str) -> Option<IpAddr> {
    without_brackets(host).parse().ok()
}

/// Returns an IPv6 address without the brackets that it has in a URL, and any other host unchanged.
pub fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Returns host and port, which every scheme has.
pub fn address(uri: &Uri) -> String {
    let default = match uri.scheme_str() {
        Some("https") => 443,
        Some("socks5" | "socks5h") => 1080,
        _ => 80,
    };
    format!("{}:{}", uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(default))
}

/// Returns true for an address that the internet does not route.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_private(v4.into()),
            None => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known() {
        let private = |text: &str| is_private(text.parse().expect("an address"));
        for text in
            ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.9.9", "169.254.1.1", "100.64.0.1", "::1", "fd00::1"]
        {
            assert!(private(text), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0"] {
            assert!(!private(text), "{text}");
        }
        assert!(private("::ffff:10.0.0.1"));
    }
}
