//! The archives of the program, for people without Python and Node: the program with its licences, one for each system and
//! processor.

use std::path::{Path, PathBuf};

use super::build::PROGRAM;
use super::{artifacts, toolchain};
use crate::run::{command, run_quietly};
use crate::targets::Target;
use crate::{Result, notices, root};

/// Packs the program of a target.
pub fn pack(target: &Target, program: &Path) -> Result {
    let folder = root().join("target/dist/archives").join(name(target));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(program, folder.join(target.program_file()))?;
    std::fs::copy(root().join(PROGRAM).join(notices::FILE), folder.join(notices::FILE))?;
    notices::add_licences(&folder)?;
    let mut pack = command("python3 xtask/python/archive.py");
    run_quietly(pack.arg(path(target)).arg(folder).arg(toolchain::source_date()?)).map(drop)
}

/// The archive of a target's program.
pub fn path(target: &Target) -> PathBuf {
    let extension = if target.os == "win32" { "zip" } else { "tar.gz" };
    artifacts::folder().join(format!("{}.{extension}", name(target)))
}

/// The system and processor, as the names of archives have them: `linux-x64`.
pub fn platform(target: &Target) -> String {
    let system = match target.os {
        "darwin" => "macos",
        "win32" => "windows",
        os => os,
    };
    format!("{system}-{}", target.cpu)
}

/// The name of the archive's folder: `ocamba-0.1.0-linux-x64`.
fn name(target: &Target) -> String {
    format!("ocamba-{}-{}", env!("CARGO_PKG_VERSION"), platform(target))
}
