//! Installs the tools that steps need besides Rust, below the project and from its lock files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use crate::run::{command, command_in, program, run_quietly};
use crate::{Result, root};

/// Python in the folder of a virtual environment.
pub const PYTHON: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };

/// A program of the npm packages in `folder`, which are installed first if they are missing.
pub fn npm(folder: &str, name: &str) -> Result<Command> {
    let folder = root().join(folder);
    install_npm(&folder)?;
    let mut command = npm_program(&folder, name);
    command.current_dir(root());
    Ok(command)
}

/// A program of the npm packages that are installed in a folder.
pub fn npm_program(folder: &Path, name: &str) -> Command {
    program(folder.join("node_modules/.bin").join(if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() }))
}

/// Installs the npm packages of a folder from its lock file, unless they are installed.
pub fn install_npm(folder: &Path) -> Result {
    let is_installed = || is_newer(&folder.join("node_modules/.package-lock.json"), &folder.join("package-lock.json"));
    if is_installed() {
        return Ok(());
    }
    let _lock = lock(&root().join("target/install.lock"))?;
    if is_installed() {
        return Ok(());
    }
    println!("  installing npm packages of {}", folder.strip_prefix(root()).unwrap_or(folder).display());
    download(&mut command_in(folder, "npm ci --no-audit --no-fund"))
}

/// Runs a command that downloads, up to three times: a registry may fail for a moment.
pub fn download(command: &mut Command) -> Result {
    for pause in [5, 20] {
        let Err(error) = run_quietly(command) else { return Ok(()) };
        println!("  repeated in {pause} s, since it failed: {error}");
        sleep(Duration::from_secs(pause));
    }
    run_quietly(command).map(drop)
}

/// Whether a file exists and is not older than the other.
fn is_newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    matches!((time(file), time(than)), (Some(file), Some(than)) if file >= than)
}

/// The Python of a virtual environment below `target`, with the pinned packages of `requirements`.
pub fn python(name: &str, requirements: &str) -> Result<PathBuf> {
    let stamp = root().join("target/venv").join(name).join("installed");
    let python = stamp.with_file_name(PYTHON);
    if !is_newer(&stamp, &root().join(requirements)) {
        println!("  installing Python packages of {requirements}");
        new_python(name)?;
        download(pip(&python).arg("-r").arg(root().join(requirements)))?;
        std::fs::write(&stamp, "")?;
    }
    Ok(python)
}

/// The Python of a new virtual environment below `target`.
pub fn new_python(name: &str) -> Result<PathBuf> {
    let folder = root().join("target/venv").join(name);
    run_quietly(command("python3 -m venv --clear").arg(&folder))?;
    Ok(folder.join(PYTHON))
}

/// Installs what its arguments name.
pub fn pip(python: &Path) -> Command {
    let mut pip = program(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip
}

/// The path of a program.
pub fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.exists())
}

/// Installs a program from a Debian package if it is missing.
pub fn debian(program: &str, package: &str) -> Result {
    debian_unless(|| find(program).is_some(), program, package)
}

/// Installs a Debian package, which provides `what`, unless it is installed.
pub fn debian_unless(is_installed: impl Fn() -> bool, what: &str, package: &str) -> Result {
    if is_installed() {
        return Ok(());
    }
    let _lock = lock(&root().join("target/install.lock"))?;
    if is_installed() {
        return Ok(());
    }
    println!("  installing Debian's {package}");
    let apt = |words: &str| run_quietly(&mut command(&format!("apt-get -o Acquire::Retries=5 {words}")));
    let install = || apt(&format!("install --yes --quiet {package}"));
    // A new machine has no list of packages.
    match install().or_else(|_| apt("update --quiet").and_then(|_| install())) {
        Ok(_) if is_installed() => Ok(()),
        _ => Err(format!("{what} is missing; install it, on Debian with: sudo apt-get install {package}").into()),
    }
}

/// Waits until no other process, as a step beside this one, has locked a file, which is then locked as long as the result
/// exists.
pub fn lock(path: &Path) -> Result<File> {
    let file = File::options().create(true).append(true).open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    file.lock()?;
    Ok(file)
}

/// The one file of this name in a folder, or all with this ending if the name is empty; fails if there is none.
pub fn files(folder: &Path, name: &str, ending: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending) && path.ends_with(name));
    files.sort();
    if files.is_empty() { Err(format!("{} has no {name}*{ending}", folder.display()).into()) } else { Ok(files) }
}

/// Fails with the steps that build a path, if it does not exist.
pub fn built(path: PathBuf) -> Result<PathBuf> {
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is missing; to build it, run: cargo xtask test python node", path.display()).into())
}

/// The files below a folder, sorted, without links, builds and installed packages.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let entry = entry?;
        let is_skipped = ["target", "node_modules", "__pycache__"].iter().any(|name| entry.file_name() == *name);
        if entry.file_type()?.is_dir() && !is_skipped {
            files.extend(walk(&entry.path())?);
        } else if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a folder with its contents.
pub fn copy_folder(from: &Path, to: &Path) -> Result {
    for_each_file(from, to, |from, to| std::fs::copy(from, to).map(drop))
}

/// Copies a folder whose files nobody changes: they are shared where the file system allows it.
pub fn share_folder(from: &Path, to: &Path) -> Result {
    for_each_file(from, to, |from, to| std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop)))
}

/// Makes a folder and those in it again, and calls a function with the path of each file and that of its copy.
fn for_each_file(from: &Path, to: &Path, copy: fn(&Path, &Path) -> std::io::Result<()>) -> Result {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => for_each_file(&entry.path(), &target, copy)?,
            false => copy(&entry.path(), &target)?,
        }
    }
    Ok(())
}

/// Lets everybody run a file.
pub fn make_executable(path: &Path) -> Result {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Copies all files that git tracks or would add, but for those that the copy has already.
pub fn copy_project(copy: &Path) -> Result {
    for file in run_quietly(&mut command("git ls-files --cached --others --exclude-standard"))?.lines() {
        let (from, to) = (root().join(file), copy.join(file));
        std::fs::create_dir_all(to.parent().unwrap_or(copy))?;
        if from.is_symlink() {
            let _ = std::fs::remove_file(&to);
            link(&std::fs::read_link(&from)?, &to)?;
        } else if from.is_file() && std::fs::read(&to).ok() != Some(std::fs::read(&from)?) {
            std::fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// Copies the builds of dependencies of a profile to another build folder.
pub fn copy_build(profile: &str, to: &Path) -> Result {
    let (from, to) = (root().join("target").join(profile), to.join(profile));
    std::fs::create_dir_all(&to)?;
    // That of Cargo: a step beside this one may build.
    let _lock = lock(&from.join(".cargo-lock"))?;
    for folder in ["deps", "build", ".fingerprint"] {
        run_quietly(command("cp --archive --reflink=auto").arg(from.join(folder)).arg(&to))?;
    }
    Ok(())
}

/// Makes a file or folder available at another path, too. A relative one is relative to that path.
pub fn link(target: &Path, link: &Path) -> Result {
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, link)?;
    // Links need a privilege there.
    #[cfg(not(unix))]
    {
        let target = link.parent().unwrap_or(link).join(target);
        if target.is_dir() { copy_folder(&target, link)? } else { drop(std::fs::copy(target, link)?) }
    }
    Ok(())
}

/// Returns the blocks of code of a language in a text in Markdown.
pub fn code_blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let blocks = text.split(&format!("\n```{language}\n")).skip(1).collect::<Vec<_>>();
    blocks.into_iter().map(|block| block.split("\n```").next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_code_are_those_of_the_language() {
        let text = "# A\n\n```js\none();\n\ntwo();\n```\n\n```sh\nls\n```\n\n```js\nthree(`x`);\n```\n";
        assert_eq!(code_blocks(text, "js").collect::<Vec<_>>(), ["one();\n\ntwo();", "three(`x`);"]);
        assert_eq!(code_blocks(text, "python").count(), 0);
    }
}
