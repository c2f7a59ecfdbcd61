//! Environment variables, and nothing but them: all reading of the environment is here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::Error;

/// Forbids connections to other machines if it is set.
pub const DISABLE_NET_CONNECT: &str = "OCAMBA_DISABLE_NET_CONNECT";
/// The variables of a client.
pub const VARIABLES: [&str; 10] = [
    "OCAMBA_TOKEN",
    "OCAMBA_BASE_URL",
    "OCAMBA_RATE_LIMIT",
    "OCAMBA_RATE_LIMIT_TIER",
    "OCAMBA_RATE_LIMIT_DIR",
    "OCAMBA_PROXY",
    "OCAMBA_ROOT_CERTIFICATES",
    "OCAMBA_CLIENT_CERTIFICATE",
    "OCAMBA_HTTP_HOST",
    DISABLE_NET_CONNECT,
];

thread_local! {
    /// The variables that replace those of the process meanwhile.
    static OWN: RefCell<Option<HashMap<String, String>>> = const { RefCell::new(None) };
}

/// Runs `work` with these in place of the process' [`VARIABLES`], for bindings: workers and test runners of a language may
/// have environments of their own. A client reads them only while it is built.
pub fn with_variables<T>(own: HashMap<String, String>, work: impl FnOnce() -> T) -> T {
    OWN.set(Some(own));
    let result = work();
    OWN.set(None);
    result
}

/// Returns a variable that is set and not empty.
pub fn text(name: &str) -> Result<Option<String>, Error> {
    present(name)
        .map(|value| value.into_string().map_err(|_| Error::configuration(format!("{name} is not valid UTF-8"))))
        .transpose()
}

/// Returns a variable that is set and not empty, as a path.
pub fn path(name: &str) -> Option<PathBuf> {
    present(name).map(PathBuf::from)
}

/// Returns true if a variable is set, and to neither `0` nor `false`.
pub fn is_on(name: &str) -> bool {
    present(name).is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
}

fn present(name: &str) -> Option<OsString> {
    let is_own = VARIABLES.contains(&name);
    debug_assert!(is_own || !name.starts_with("OCAMBA_"), "{name} is missing in the list of variables");
    let replaced = OWN.with_borrow(|own| own.as_ref().filter(|_| is_own).map(|own| own.get(name).map(OsString::from)));
    replaced.unwrap_or_else(|| std::env::var_os(name)).filter(|value| !value.is_empty())
}
