//! The targets that packages are built for: one table, from which come npm's packages, the tags of wheels, the matrix of
//! the workflows and the README's table.

use std::sync::OnceLock;

use crate::Result;

/// The oldest glibc on which the packages for it load.
pub const GLIBC: &str = "2.17";

/// A target. Its extension and addon are built for it; the program for Linux is static, and built for musl only.
#[derive(Debug, PartialEq)]
pub struct Target {
    /// The name of rustc.
    pub triple: &'static str,
    /// The system, as Node calls it.
    pub os: &'static str,
    /// The processor, as Node calls it.
    pub cpu: &'static str,
    /// The C library, as the names of npm packages end: `gnu`, `musl`, `msvc`, or empty.
    pub abi: &'static str,
    /// The platform's tag of the extension's wheel.
    pub wheel: &'static str,
    /// The machine of GitHub that builds and tests it.
    pub runner: &'static str,
    /// What people call it.
    pub name: &'static str,
}

pub const TARGETS: [Target; 8] = [
    Target {
        triple: "x86_64-unknown-linux-gnu",
        os: "linux",
        cpu: "x64",
        abi: "gnu",
        wheel: "manylinux2014_x86_64",
        runner: "ubuntu-24.04",
        name: "Linux x64, glibc 2.17 or later",
    },
    Target {
        triple: "x86_64-unknown-linux-musl",
        os: "linux",
        cpu: "x64",
        abi: "musl",
        wheel: "musllinux_1_2_x86_64",
        runner: "ubuntu-24.04",
        name: "Linux x64, musl 1.2 or later (Alpine)",
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        os: "linux",
        cpu: "arm64",
        abi: "gnu",
        wheel: "manylinux2014_aarch64",
        runner: "ubuntu-24.04-arm",
        name: "Linux arm64, glibc 2.17 or later",
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        os: "linux",
        cpu: "arm64",
        abi: "musl",
        wheel: "musllinux_1_2_aarch64",
        runner: "ubuntu-24.04-arm",
        name: "Linux arm64, musl 1.2 or later (Alpine)",
    },
    Target {
        triple: "aarch64-apple-darwin",
        os: "darwin",
        cpu: "arm64",
        abi: "",
        wheel: "macosx_11_0_arm64",
        runner: "macos-15",
        name: "macOS 11 or later, Apple silicon",
    },
    Target {
        triple: "x86_64-apple-darwin",
        os: "darwin",
        cpu: "x64",
        abi: "",
        wheel: "macosx_10_12_x86_64",
        runner: "macos-15-intel",
        name: "macOS 10.12 or later, Intel",
    },
    Target {
        triple: "x86_64-pc-windows-msvc",
        os: "win32",
        cpu: "x64",
        abi: "msvc",
        wheel: "win_amd64",
        runner: "windows-2025",
        name: "Windows x64",
    },
    Target {
        triple: "aarch64-pc-windows-msvc",
        os: "win32",
        cpu: "arm64",
        abi: "msvc",
        wheel: "win_arm64",
        runner: "windows-11-arm",
        name: "Windows arm64",
    },
];

impl Target {
    /// The target of this machine; on Linux that with glibc, which is built on any.
    pub fn host() -> Result<&'static Self> {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let is_host = |target: &&Self| {
            target.triple.starts_with(arch) && target.triple.contains(if os == "macos" { "darwin" } else { os })
        };
        TARGETS.iter().find(is_host).ok_or_else(|| format!("nothing is built for {os} on {arch}").into())
    }

    /// The npm package with the addon.
    pub fn addon_package(&self) -> String {
        let abi = if self.abi.is_empty() { String::new() } else { format!("-{}", self.abi) };
        format!("@ocamba/hood-{}-{}{abi}", self.os, self.cpu)
    }

    /// The npm package with the program.
    pub fn program_package(&self) -> String {
        format!("@ocamba/cli-{}-{}", self.os, self.cpu)
    }

    /// The name of the program's file.
    pub fn program_file(&self) -> &'static str {
        if self.os == "win32" { "ocamba.exe" } else { "ocamba" }
    }

    /// Whether the published program of this system and processor is that of this target.
    pub fn has_program(&self) -> bool {
        self.abi != "gnu"
    }

    /// The platforms' tags of the program's wheel. A static program runs with any C library.
    pub fn program_wheels(&self) -> Vec<&'static str> {
        self.with_same_program().map(|target| target.wheel).collect()
    }

    /// The targets of this system and processor, which have one program.
    pub fn with_same_program(&self) -> impl Iterator<Item = &'static Target> {
        TARGETS.iter().filter(|target| (target.os, target.cpu) == (self.os, self.cpu))
    }

    /// The C library that npm knows, if the target has one of several.
    pub fn libc(&self) -> Option<&'static str> {
        match self.abi {
            "gnu" => Some("glibc"),
            "musl" => Some("musl"),
            _ => None,
        }
    }
}

static CHOSEN: OnceLock<Vec<&'static Target>> = OnceLock::new();

/// Chooses targets by their names for rustc; without names, all that this system can build.
pub fn choose(names: &[String]) -> Result {
    if let Some(name) = names.iter().find(|name| TARGETS.iter().all(|target| target.triple != **name)) {
        let all: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
        return Err(format!("there is no target {name}; the targets are {}", all.join(", ")).into());
    }
    let host = Target::host()?;
    let is_chosen = |target: &&Target| {
        if names.is_empty() { target.os == host.os } else { names.iter().any(|name| name == target.triple) }
    };
    CHOSEN.get_or_init(|| TARGETS.iter().filter(is_chosen).collect());
    Ok(())
}

/// The chosen targets.
pub fn chosen() -> &'static [&'static Target] {
    CHOSEN.get().map(Vec::as_slice).unwrap_or_default()
}

/// The README's table of platforms.
pub fn table() -> String {
    let mut text = "| platform | Python | Node | program |\n|---|---|---|---|\n".to_owned();
    for target in &TARGETS {
        let (addon, program) = (target.addon_package(), target.program_package());
        text += &format!("| {} | `{}` | `{addon}` | `{program}` |\n", target.name, target.wheel);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_for_linux_is_one_for_both_c_libraries() {
        let programs: Vec<_> = TARGETS.iter().filter(|target| target.has_program()).collect();
        let mut names: Vec<_> = TARGETS.iter().map(Target::program_package).collect();
        names.dedup();
        assert_eq!(programs.iter().map(|target| target.program_package()).collect::<Vec<_>>(), names);
        assert_eq!(programs[0].program_wheels(), ["manylinux2014_x86_64", "musllinux_1_2_x86_64"]);
    }

    #[test]
    fn host_is_a_target() {
        assert!(Target::host().expect("a target").triple.starts_with(std::env::consts::ARCH));
    }

    #[test]
    fn loaders_name_the_packages_of_all_targets() {
        let read = |path: &str| std::fs::read_to_string(crate::root().join(path)).expect("a loader");
        let (addons, programs) = (read("bindings/node/lib/native.js"), read("bindings/node/cli/installed.js"));
        for target in &TARGETS {
            assert!(addons.contains(&format!("\"{}/ocamba-hood.node\"", target.addon_package())), "{}", target.triple);
            assert!(programs.contains(&format!("../{}/ocamba", target.program_package())), "{}", target.triple);
        }
        assert_eq!(addons.matches("/ocamba-hood.node\"").count(), TARGETS.len());
        assert_eq!(programs.matches("../@ocamba/cli-").count(), TARGETS.iter().filter(|t| t.has_program()).count());
    }
}
