//! What the chores need beside Rust, installed below the project from its lock files.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{command_in, run_quietly};
use crate::{Result, root};

/// A program of the npm packages in `folder`, which are installed first if they are not there.
pub fn npm(folder: &str, program: &str) -> Result<Command> {
    let folder = root().join(folder);
    install_npm(&folder)?;
    let mut command = Command::new(folder.join("node_modules/.bin").join(program));
    command.current_dir(root());
    Ok(command)
}

/// Installs the npm packages of a folder exactly as its lock file says, unless they are there.
pub fn install_npm(folder: &Path) -> Result {
    let lock = folder.join("package-lock.json");
    let installed = folder.join("node_modules/.package-lock.json");
    if newer(&installed, &lock) {
        return Ok(());
    }
    println!("  installing npm packages of {}", folder.strip_prefix(root()).unwrap_or(folder).display());
    run_quietly(command_in(folder, "npm ci --no-audit --no-fund"))?;
    Ok(())
}

/// Whether a file is there and no older than the other.
pub fn newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    matches!((time(file), time(than)), (Some(file), Some(than)) if file >= than)
}

/// The Python of a virtual environment below `target`, with the pinned packages of `requirements`.
pub fn python(name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = root().join("target/venv").join(name);
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed"));
    let requirements = root().join(requirements);
    if newer(&stamp, &requirements) {
        return Ok(python);
    }
    println!(
        "  installing Python packages of {}",
        requirements.strip_prefix(root()).unwrap_or(&requirements).display()
    );
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&folder);
    run_quietly(create)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
    run_quietly(install)?;
    std::fs::write(&stamp, "")?;
    Ok(python)
}

/// Where a program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

/// Makes sure of a program, from a package of Debian's where it is missing.
pub fn debian(program: &str, package: &str) -> Result {
    debian_unless(|| find(program).is_some(), program, package)
}

/// Makes sure of what a package of Debian's brings.
pub fn debian_unless(is_there: impl Fn() -> bool, what: &str, package: &str) -> Result {
    if is_there() {
        return Ok(());
    }
    println!("  installing Debian's {package}");
    let install = |words: &str| run_quietly(command_in(&root(), words));
    let installed = install(&format!("apt-get install --yes --quiet {package}")).or_else(|_| {
        // A new machine has no list of packages.
        install("apt-get update --quiet").and_then(|_| install(&format!("apt-get install --yes --quiet {package}")))
    });
    match installed {
        Ok(_) if is_there() => Ok(()),
        _ => Err(format!("{what} is needed; install it, on Debian by: sudo apt-get install {package}").into()),
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) -> Result {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => drop(std::fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
