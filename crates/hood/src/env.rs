//! Environment variables, and nothing but them: all reading of the environment is here.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::Error;

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

fn present(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
