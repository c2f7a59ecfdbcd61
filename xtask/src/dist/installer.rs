//! The script that installs the program from its archive, which it knows by its digest.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{archive, artifacts, assemble};
use crate::run::{command, program, run_quietly};
use crate::targets::{self, Target};
use crate::{Result, root};

const NAME: &str = "install.sh";

/// Writes the script for the chosen targets, and installs with it, where it has the archive of this machine.
pub fn all() -> Result {
    let mut cases = String::new();
    for target in targets::chosen().iter().filter(|target| target.has_program() && target.os != "win32") {
        let path = archive::path(target);
        let digest = assemble::digest(&artifacts::existing(path.clone(), "build")?)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        cases += &format!("    {}) echo \"{name} {digest}\" ;;\n", archive::platform(target));
    }
    let script = include_str!("install.sh").replace("ARCHIVES\n", &cases);
    let script =
        script.replace("REPOSITORY", env!("CARGO_PKG_REPOSITORY")).replace("VERSION", env!("CARGO_PKG_VERSION"));
    std::fs::write(path(), script)?;
    let host = Target::host()?;
    let is_here = |target: &&&'static Target| target.has_program() && (target.os, target.cpu) == (host.os, host.cpu);
    if let Some(target) = targets::chosen().iter().find(is_here) {
        test(target)?;
    }
    Ok(())
}

/// The script.
pub fn path() -> PathBuf {
    artifacts::folder().join(NAME)
}

/// Installs from a folder in place of the network; then again from an archive that was changed, which must leave the program.
fn test(target: &Target) -> Result {
    let folder = root().join("target/dist/installed");
    let _ = std::fs::remove_dir_all(&folder);
    let (home, mirror) = (folder.join("a home"), folder.join("mirror"));
    std::fs::create_dir_all(&home)?;
    std::fs::create_dir_all(&mirror)?;
    let archive = archive::path(target);
    let copy = mirror.join(archive.file_name().unwrap_or_default());
    std::fs::copy(&archive, &copy)?;

    println!("{}", run_quietly(&mut install(&home, &mirror))?.trim_end());
    let installed = home.join(".local/bin/ocamba");
    let version = || run_quietly(program(&installed).arg("--version"));
    if !version()?.contains(env!("CARGO_PKG_VERSION")) {
        return Err(format!("{} has another version", installed.display()).into());
    }
    let mut bytes = std::fs::read(&copy)?;
    bytes.extend(b"changed");
    std::fs::write(&copy, bytes)?;
    let refused = install(&home, &mirror).output()?;
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    let left = std::fs::read_dir(home.join(".local/bin"))?.count();
    if refused.status.success() || !message.contains("digest differs") || left != 1 || version().is_err() {
        return Err(format!("an archive that was changed was not refused: {message}").into());
    }
    println!("  it refuses an archive that was changed");
    Ok(())
}

fn install(home: &Path, mirror: &Path) -> Command {
    let mut install = command("sh");
    install.arg(path()).env("HOME", home).env("OCAMBA_DOWNLOAD_URL", format!("file://{}", mirror.display()));
    install
}
