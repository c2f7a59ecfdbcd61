//! Looks into each artifact: what it needs, what it must not contain, and what the tools of its ecosystem find.

use std::path::{Path, PathBuf};

use super::artifacts::{self, Artifact, Kind};
use crate::run::{command, program, run_quietly};
use crate::targets::GLIBC;
use crate::{Result, node, notices, paths, python, tools};

/// Maximum size of an addon.
const MAX_ADDON_BYTES: u64 = 4_000_000;
/// Libraries that are part of every Linux with a C library.
const SYSTEM_LIBRARIES: [&str; 9] = [
    "libc.so",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// Inspects all artifacts.
pub fn all() -> Result {
    let artifacts = artifacts::all()?;
    for artifact in &artifacts {
        let folder = artifact.unpack()?;
        paths::check(&folder)?;
        notices::check_package(&folder, artifact.notices())?;
        let floor = check_compiled(artifact, &folder)?;
        println!("  {:>10} bytes  {:<10} {}", std::fs::metadata(&artifact.path)?.len(), floor, artifact.name());
    }
    let of = |kinds: &[Kind]| -> Vec<_> {
        artifacts.iter().filter(|a| kinds.contains(&a.kind)).map(|a| a.path.clone()).collect()
    };
    check_wheels(&of(&[Kind::Extension, Kind::ProgramWheel]), &of(&[Kind::Extension]))?;
    artifacts.iter().filter(|artifact| artifact.path.extension() == Some("tgz".as_ref())).try_for_each(check_npm)
}

/// Checks the compiled files of an unpacked artifact, and returns the C library that they need: `glibc 2.17`, `musl`, or
/// `static`; empty for other systems, and without compiled files.
pub fn check_compiled(artifact: &Artifact, folder: &Path) -> Result<String> {
    let mut floor = String::new();
    for file in tools::walk(folder)? {
        let bytes = std::fs::read(&file)?;
        if !bytes.starts_with(b"\x7fELF") {
            continue;
        }
        let needed = run_quietly(command("readelf --dynamic --wide").arg(&file))?;
        let needed =
            needed.lines().filter(|line| line.contains("(NEEDED)")).filter_map(|line| line.split(['[', ']']).nth(1));
        let needed: Vec<_> = needed.collect();
        if let Some(foreign) = needed.iter().find(|name| !SYSTEM_LIBRARIES.contains(name)) {
            return Err(format!("{} needs {foreign}, which not every system has", file.display()).into());
        }
        let highest = glibc(&bytes);
        floor = match highest {
            Some((major, minor)) => format!("glibc {major}.{minor}"),
            None if needed.is_empty() => "static".into(),
            None => "musl".into(),
        };
        let expected = match (artifact.kind, artifact.target.map_or("", |target| target.abi)) {
            (Kind::ProgramWheel | Kind::Program | Kind::Archive, "musl") => floor == "static",
            (_, "musl") => floor == "musl",
            _ => highest.is_some_and(|found| found <= version(GLIBC)),
        };
        if !expected {
            return Err(
                format!("{} needs {floor}, which is not what {:?} is for", file.display(), artifact.target).into()
            );
        }
        if artifact.kind == Kind::Addon && bytes.len() as u64 > MAX_ADDON_BYTES {
            return Err(
                format!("{} has {} bytes; the maximum is {MAX_ADDON_BYTES}", file.display(), bytes.len()).into()
            );
        }
    }
    if floor.is_empty() && artifact.target.is_some_and(|target| target.os == "linux") {
        return Err(format!("{} has no compiled file", artifact.name()).into());
    }
    if artifact.kind == Kind::Extension {
        python::check_size(&artifact.path)?;
    }
    Ok(floor)
}

/// The highest version of glibc of which a file needs a symbol.
fn glibc(bytes: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(bytes);
    text.split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let number: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            number.contains('.').then(|| version(&number))
        })
        .max()
}

/// Major and minor version.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

/// Holds the wheels against the rules of PyPI, of their tags, and of Python's stable ABI.
fn check_wheels(all: &[PathBuf], extensions: &[PathBuf]) -> Result {
    let python = tools::python("python-dist", "xtask/python/dist.txt")?;
    let module = |name: &str| {
        let mut tool = program(&python);
        tool.args(["-I", "-m", name]);
        tool
    };
    run_quietly(module("twine").args(["check", "--strict"]).args(all))?;
    run_quietly(module("abi3audit").args(["--strict", "--assume-minimum-abi3", "3.10"]).args(extensions))?;
    // It searches this system for musl; what those wheels need was checked above.
    for wheel in all.iter().filter(|wheel| wheel.to_string_lossy().contains("manylinux")) {
        let shown = run_quietly(module("auditwheel").arg("show").arg(wheel))?;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        println!("  {shown}");
    }
    Ok(())
}

/// Holds an npm package against the rules of its registry and, if it has types, of TypeScript.
fn check_npm(artifact: &Artifact) -> Result {
    let folder = artifact.unpack()?;
    run_quietly(node::tool("publint").args(["run", "--strict", "--pack", "false"]).current_dir(&folder))?;
    if artifact.kind == Kind::JavaScript {
        run_quietly(node::tool("attw").args(["--profile", "node16"]).arg(&artifact.path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::glibc;

    #[test]
    fn highest_version_is_found_among_bytes() {
        assert_eq!(glibc(b"\xff\0GLIBC_2.9\0GLIBC_2.17\0GLIBC_2.2.5\0GLIBC_PRIVATE\0"), Some((2, 17)));
        assert_eq!(glibc(b"no version"), None);
    }
}
