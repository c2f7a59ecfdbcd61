//! Which proxy, if any, carries the connections to a server.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::env;
use crate::error::Error;
use crate::secret::Secret;

/// Which proxy carries the connections to the server.
///
/// ```
/// use ocamba_hood::{Client, Proxy};
///
/// let client = Client::builder()
///     .token("464XXX")
///     .proxy(Proxy::url("http://user:password@proxy.example.com:3128"))
///     .build()?;
/// # Ok::<(), ocamba_hood::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Proxy(Choice);

#[derive(Clone, Default)]
enum Choice {
    #[default]
    System,
    Off,
    Url(Secret),
}

impl Proxy {
    /// The proxy of the environment (`HTTPS_PROXY` or `ALL_PROXY`, also in lower case), or else that of macOS or Windows.
    /// `NO_PROXY` lists servers without one: names with their subdomains, addresses, ranges as `10.0.0.0/8`, each with a
    /// port if it has one, or `*` for all. Plain http uses no proxy. This is the default.
    pub fn system() -> Self {
        Self(Choice::System)
    }

    /// No proxy.
    pub fn off() -> Self {
        Self(Choice::Off)
    }

    /// This proxy, for every server: `http://`, `https://` or `socks5://`, perhaps with a user and a password, which are never
    /// shown. It looks up the server's name.
    pub fn url(url: impl Into<Secret>) -> Self {
        Self(Choice::Url(url.into()))
    }

    /// Reads `system`, `off` or a URL: the text of the option `proxy` in the other languages.
    #[doc(hidden)]
    pub fn from_text(text: &str) -> Self {
        match text {
            "system" => Self::system(),
            "off" => Self::off(),
            url => Self::url(url),
        }
    }

    /// Reads `OCAMBA_PROXY`.
    pub(crate) fn from_env() -> Result<Self, Error> {
        Ok(env::text("OCAMBA_PROXY")?.map_or_else(Self::system, |text| Self::from_text(&text)))
    }

    /// Returns the proxy of connections to this server.
    pub(super) fn of(&self, server: &Uri) -> Result<Option<Intercept>, Error> {
        match &self.0 {
            Choice::Off => Ok(None),
            Choice::Url(url) => intercept("the proxy", url.expose(), server).map(Some),
            // Plain http is for this machine and private hosts.
            Choice::System if server.scheme_str() == Some("http") => Ok(None),
            Choice::System => of_system(server),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Choice::System => "system",
            Choice::Off => "off",
            Choice::Url(_) => "[REDACTED]",
        })
    }
}

fn of_system(server: &Uri) -> Result<Option<Intercept>, Error> {
    let no_proxy = first_of(&["no_proxy", "NO_PROXY"])?.map_or_else(String::new, |(_, list)| list);
    let found = first_of(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
    if is_excepted(&no_proxy, server) {
        return Ok(None);
    }
    match found {
        Some((name, url)) => intercept(name, &url, server).map(Some),
        #[cfg(any(target_vendor = "apple", windows))]
        None => Ok(Matcher::from_system().intercept(server)),
        #[cfg(not(any(target_vendor = "apple", windows)))]
        None => Ok(None),
    }
}

fn first_of<'a>(names: &[&'a str]) -> Result<Option<(&'a str, String)>, Error> {
    for name in names {
        if let Some(value) = env::text(name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// Reads the URL of a proxy, which no error quotes: it may have a password.
fn intercept(what: &str, url: &str, server: &Uri) -> Result<Intercept, Error> {
    let proxy = Matcher::builder().all(url.trim()).build().intercept(server);
    proxy.filter(|proxy| matches!(proxy.uri().scheme_str(), Some("http" | "https" | "socks5" | "socks5h"))).ok_or_else(
        || {
            Error::configuration(format!(
                "{what} is not the URL of a proxy; it should look like http://user:password@proxy.example.com:3128, \
                 https://… or socks5://…, with special characters of the password as %xx"
            ))
        },
    )
}

/// Returns true if the list of servers without a proxy has this one.
fn is_excepted(list: &str, server: &Uri) -> bool {
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("https") { 443 } else { 80 });
    let hosts = list.split([',', ' ']).filter_map(|entry| match split_port(entry) {
        (host, Some(of_entry)) => (of_entry == port).then_some(host),
        (host, None) => Some(host),
    });
    let hosts: Vec<_> = hosts.map(|host| host.trim_start_matches("*.").trim_end_matches('.')).collect();
    let server = Uri::builder().scheme("http").authority(trimmed(server)).path_and_query("/").build();
    let matcher = Matcher::builder().all("http://any").no(hosts.join(",")).build();
    server.is_ok_and(|server| matcher.intercept(&server).is_none())
}

/// Returns the host without the dot that makes a name absolute.
fn trimmed(server: &Uri) -> &str {
    server.host().unwrap_or_default().trim_end_matches('.')
}

/// Splits an entry as `example.com:8080` or `[::1]:443`. A bare IPv6 address or range has no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let bare = |host: &'_ str| host.starts_with('[') || !host.contains(':');
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if bare(host) && port.parse::<u16>().is_ok() => (host, port.parse().ok()),
        _ => (entry, None),
    };
    (host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_excepts_by_name_port_address_and_range() {
        let excepted = |list: &str, server: &str| is_excepted(list, &server.parse().expect("a URL"));
        for (list, server) in [
            ("*", "https://api.ocamba.com"),
            ("other, ocamba.com", "https://api.ocamba.com"),
            (".ocamba.com", "https://api.ocamba.com"),
            ("*.ocamba.com", "https://api.ocamba.com"),
            ("API.Ocamba.com.", "https://api.ocamba.com"),
            ("ocamba.com", "https://api.ocamba.com."),
            ("other ocamba.com", "https://api.ocamba.com"),
            ("ocamba.com:443", "https://api.ocamba.com"),
            ("ocamba.com:8443", "https://api.ocamba.com:8443"),
            ("ocamba.com:80", "http://api.ocamba.com"),
            ("127.0.0.1", "https://127.0.0.1:1"),
            ("127.0.0.1:1", "https://127.0.0.1:1"),
            ("127.0.0.0/8", "https://127.9.9.9:1"),
            ("::1", "https://[::1]:1"),
            ("[::1]", "https://[::1]:1"),
            ("[::1]:1", "https://[::1]:1"),
            ("fd00::/8", "https://[fd00::7]"),
        ] {
            assert!(excepted(list, server), "{list} {server}");
        }
        for (list, server) in [
            ("", "https://api.ocamba.com"),
            (",", "https://api.ocamba.com"),
            ("camba.com", "https://api.ocamba.com"),
            ("api.ocamba.com.example", "https://api.ocamba.com"),
            ("ocamba.com:444", "https://api.ocamba.com"),
            ("*:444", "https://api.ocamba.com"),
            ("127.0.0.0/8", "https://128.0.0.1"),
            ("127.0.0.1:2", "https://127.0.0.1:1"),
            ("::1", "https://[::2]"),
        ] {
            assert!(!excepted(list, server), "{list} {server}");
        }
    }

    #[test]
    fn url_of_a_proxy_is_checked_and_not_shown() {
        let server = Uri::from_static("https://api.ocamba.com");
        for url in ["http://p:1", "https://p", "socks5://u:canary@p:1080", "p:3128", "http://u:can%40ary@[::1]:1/"] {
            let proxy = Proxy::url(url);
            assert!(proxy.of(&server).expect(url).is_some(), "{url}");
            assert!(!format!("{proxy:?}").contains("canary"));
        }
        for url in ["", "ftp://canary", "socks4://canary", "http://", "http://u:canary@", "http://u:can ary@p:1"] {
            let error = Proxy::url(url).of(&server).expect_err(url).to_string();
            assert!(error.contains("the proxy") && !error.contains("canary"), "{error}");
        }
        assert!(Proxy::off().of(&server).expect("off").is_none());
    }
}
