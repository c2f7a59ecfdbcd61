//! Debian's Wine in a folder, in which programs of Windows run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian::Archive;
use crate::run::as_root;
use crate::{Result, root, tools};

/// The first release whose Wine has the source of random numbers that Rust asks.
const DEBIAN: &str = "trixie";
/// Wine, and those of its libraries that programs without windows need.
const PACKAGES: [&str; 7] = ["libc6", "libgcc-s1", "liblzma5", "libunwind8", "libz-mingw-w64", "libwine", "wine64"];

pub struct Wine {
    folder: PathBuf,
}

impl Wine {
    /// Unpacks Wine into an empty folder.
    pub fn new() -> Result<Self> {
        let folder = root().join("target/dist/systems/wine");
        let _ = std::fs::remove_dir_all(&folder);
        for name in ["tmp", "home", "dev", "proc"] {
            std::fs::create_dir_all(folder.join(name))?;
        }
        Archive::new(DEBIAN, "amd64")?.unpack(&PACKAGES, &folder)?;
        for name in ["lib", "lib64"] {
            tools::link(&Path::new("usr").join(name), &folder.join(name))?;
        }
        Ok(Self { folder })
    }

    /// Copies a file to the root of the drive.
    pub fn add(&self, from: &Path, to: &str) -> Result {
        Ok(std::fs::copy(from, self.folder.join(to)).map(drop)?)
    }

    /// A program of Windows, by its path on the drive. All that it starts ends with it.
    pub fn command(&self, path: &str) -> Command {
        let mut command = as_root("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child"]);
        command.arg(format!("--mount-proc={}", self.folder.join("proc").display()));
        command.arg("chroot").arg(&self.folder).args(["/usr/lib/wine/wine64", path]);
        let system = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", system).env("HOME", "/home").env("WINESERVER", "/usr/lib/wine/wineserver64");
        // Its own notes, and parts of it for web pages and .NET.
        command.env("WINEDEBUG", "-all").env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        // Where a library of Debian's is that Wine's need.
        command.env("WINEPATH", r"Z:\usr\x86_64-w64-mingw32\lib");
        command
    }
}
