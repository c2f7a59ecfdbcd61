//! A small Linux in a folder, in which programs of a target run as on a machine that has nothing else: Debian's oldest glibc,
//! or musl, and if the processor is another one, an emulator.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::debian::Archive;
use crate::run::{as_root, run_quietly};
use crate::targets::Target;
use crate::{Result, root, tools};

/// The oldest release of Debian that its archive serves.
const OLDEST: &str = "bullseye";
/// Debian's release with a Python that the wheel supports, and the parts of that Python which a client needs.
const BOOKWORM: &str = "bookworm";
const PYTHON: [&str; 8] = [
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libexpat1",
    "zlib1g",
    "libffi8",
    "libssl3",
    "libuuid1",
];
/// Where musl, and the emulator, come from.
const MUSL: &str = "trixie";
const EMULATOR: &str = "qemu-aarch64";

/// Enters a system: its folder, the one in it to begin in, the emulator or nothing, and a command follow.
const SESSION: &str = "xtask/src/dist/test/session.sh";

/// What a system has.
#[derive(Clone, Copy, PartialEq)]
pub enum Content {
    /// Not even a C library.
    Nothing,
    Library,
    /// The C library, and Python if Debian has it.
    Python,
}

pub struct System {
    pub folder: PathBuf,
    pub is_emulated: bool,
    /// What people call it.
    pub name: String,
    cpu: &'static str,
}

impl System {
    /// Makes a system with the C library of a target and what else is needed, or even without that.
    pub fn new(target: &Target, content: Content) -> Result<Self> {
        let kind = if content == Content::Nothing { "empty" } else { target.abi };
        let folder = root().join("target/dist/systems").join(format!("{}-{kind}", target.cpu));
        // What ran in it was root, and wrote files.
        run_quietly(as_root("rm").args(["--recursive", "--force"]).arg(&folder))?;
        for name in ["tmp", "home", "dev", "proc"] {
            std::fs::create_dir_all(folder.join(name))?;
        }
        let cpu = if target.cpu == "x64" { "amd64" } else { "arm64" };
        let library = match kind {
            "gnu" => {
                let (suite, name) = match content {
                    Content::Python => (BOOKWORM, "glibc 2.36"),
                    _ => (OLDEST, "glibc 2.31"),
                };
                let archive = Archive::new(suite, cpu)?;
                archive.unpack(&["libc6", "libgcc-s1", "libstdc++6", "libatomic1"], &folder)?;
                if content == Content::Python {
                    archive.unpack(&PYTHON, &folder)?;
                }
                name
            }
            "musl" => {
                Archive::new(MUSL, cpu)?.unpack(&["musl"], &folder)?;
                "musl 1.2.5"
            }
            _ => "no C library",
        };
        // Newer packages expect that the system has made them one folder.
        if kind != "empty" && !folder.join("lib").exists() {
            tools::link(Path::new("usr/lib"), &folder.join("lib"))?;
        }
        let is_emulated = target.cpu != Target::host()?.cpu;
        if is_emulated {
            let emulator = root().join("target/dist/qemu");
            if !emulator.join("usr/bin").exists() {
                Archive::new(MUSL, "amd64")?.unpack(&["qemu-user"], &emulator)?;
            }
            std::fs::copy(emulator.join("usr/bin").join(EMULATOR), folder.join(EMULATOR))?;
        }
        let how = if is_emulated { ", by qemu" } else { "" };
        Ok(Self { folder, is_emulated, name: format!("{library}, {}{how}", target.cpu), cpu })
    }

    /// Unpacks Debian's packages that need no library.
    pub fn unpack(&self, packages: &[&str]) -> Result {
        Archive::new(BOOKWORM, self.cpu)?.unpack(packages, &self.folder)
    }

    /// Copies a file or folder into the system.
    pub fn add(&self, from: &Path, to: &str) -> Result {
        let to = self.folder.join(to.trim_start_matches('/'));
        std::fs::create_dir_all(to.parent().unwrap_or(&to))?;
        if from.is_dir() { tools::copy_folder(from, &to) } else { Ok(std::fs::copy(from, to).map(drop)?) }
    }

    /// A program of the system, by its path in it.
    pub fn command(&self, path: &str) -> Command {
        let mut command = as_root("chroot");
        command.arg(&self.folder);
        if self.is_emulated {
            command.arg(format!("/{EMULATOR}"));
        }
        command.arg(path);
        with_environment(command)
    }

    /// A program of the system, in a folder, which starts others: what they need of a running system is there as well, and
    /// the emulator runs them all. All of them end with it.
    pub fn session(&self, folder: &str, path: &str) -> Command {
        let mut command = as_root("unshare");
        // The kernel knows the emulator only in a namespace of users.
        command.args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"]);
        command.arg("sh").arg(root().join(SESSION)).arg(&self.folder).arg(folder);
        command.arg(if self.is_emulated { EMULATOR } else { "" }).arg(path);
        with_environment(command)
    }
}

/// Leaves a command nothing of this process's environment but where programs are.
fn with_environment(mut command: Command) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", "/home").env("TMPDIR", "/tmp");
    command
}
