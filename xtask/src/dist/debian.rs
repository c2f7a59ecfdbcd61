//! Packages of Debian's archive, verified by apt and unpacked below `target`: nothing is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{program, run_quietly};
use crate::{Result, root, tools};

/// One suite of the archive, for one processor.
pub struct Archive {
    folder: PathBuf,
    cpu: &'static str,
}

/// The archive's address, for systems that have apt and packages of their own, as Ubuntu.
const PUBLIC: &str = "https://deb.debian.org/debian";
/// What the archive is signed with.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The address of Debian's archive, from which this system has its packages if it is Debian.
pub fn address() -> Result<String> {
    if tools::find("apt-get").is_none() {
        return Err("it needs apt, to unpack packages of Debian".into());
    }
    let mut list = program("apt-get");
    let sites = run_quietly(list.args(["indextargets", "--format", "$(SITE)"])).unwrap_or_default();
    let address = sites.lines().map(|site| site.trim_end_matches('/')).find(|site| site.ends_with("/debian"));
    Ok(address.unwrap_or(PUBLIC).to_owned())
}

impl Archive {
    /// Reads the list of packages, unless it has been read.
    pub fn new(suite: &str, cpu: &'static str) -> Result<Self> {
        let folder = root().join("target/dist/debian").join(format!("{suite}-{cpu}"));
        let archive = Self { folder, cpu };
        let sources = archive.folder.join("sources.list");
        if !sources.exists() {
            println!("  reading the list of Debian's packages: {suite}, {cpu}");
            std::fs::create_dir_all(archive.folder.join("packages"))?;
            std::fs::write(archive.folder.join("status"), "")?;
            tools::debian_unless(|| Path::new(KEYS).exists(), "Debian's keyring", "debian-archive-keyring")?;
            let address = address()?;
            let line = |kind: &str| format!("{kind} [signed-by={KEYS}] {address} {suite} main\n");
            std::fs::write(sources.with_extension("new"), line("deb") + &line("deb-src"))?;
            run_quietly(archive.apt("sources.new").args(["update", "--quiet"]))?;
            std::fs::rename(sources.with_extension("new"), sources)?;
        }
        Ok(archive)
    }

    /// Unpacks packages, `name` or the latest of `name=version*`, into a folder.
    pub fn unpack(&self, packages: &[&str], into: &Path) -> Result {
        std::fs::create_dir_all(into)?;
        let downloads = self.folder.join("packages");
        for package in packages {
            let (name, version) = package.split_once('=').unwrap_or((package, ""));
            let version = version.trim_end_matches('*');
            if tools::files(&downloads, "", ".deb").map_or(true, |all| !all.iter().any(|f| is_of(f, name, version))) {
                run_quietly(self.apt("sources.list").args(["download", "--quiet", package]).current_dir(&downloads))?;
            }
            let file = tools::files(&downloads, "", ".deb")?.into_iter().find(|file| is_of(file, name, version));
            let file = file.ok_or_else(|| format!("apt-get did not download {package}"))?;
            run_quietly(program("dpkg-deb").arg("--extract").arg(file).arg(into))?;
        }
        Ok(())
    }

    /// Unpacks the source of a package, without Debian's changes, into a folder.
    pub fn unpack_source(&self, package: &str, into: &Path) -> Result {
        let downloads = self.folder.join("packages");
        let mut source = self.apt("sources.list");
        run_quietly(source.args(["source", "--download-only", "--quiet", package]).current_dir(&downloads))?;
        let is_archive = |file: &&PathBuf| {
            [".orig.tar.xz", ".orig.tar.gz"].iter().any(|end| file.to_string_lossy().ends_with(end))
                && is_of(file, package, "")
        };
        let files = tools::walk(&downloads)?;
        let archive = files.iter().find(is_archive);
        let archive = archive.ok_or_else(|| format!("apt-get did not download the source of {package}"))?;
        std::fs::create_dir_all(into)?;
        let mut unpack = program("tar");
        unpack.arg("--extract").arg("--file").arg(archive).arg("--strip-components=1").arg("--directory").arg(into);
        run_quietly(&mut unpack).map(drop)
    }

    /// `apt-get` that knows of this suite only.
    fn apt(&self, sources: &str) -> Command {
        let mut apt = program("apt-get");
        for (option, path) in [("Dir::State", ""), ("Dir::Cache", ""), ("Dir::State::status", "status")] {
            apt.arg(format!("--option={option}={}", self.folder.join(path).display()));
        }
        apt.arg(format!("--option=Dir::Etc::sourcelist={}", self.folder.join(sources).display()));
        apt.args(["--option=Dir::Etc::sourceparts=/dev/null", "--option=APT::Sandbox::User=root"]);
        apt.arg(format!("--option=APT::Architecture={}", self.cpu));
        apt.arg(format!("--option=APT::Architectures={}", self.cpu));
        apt
    }
}

/// Whether a file is a package of this name, of a version that begins with this text.
fn is_of(file: &Path, name: &str, version: &str) -> bool {
    let file = file.file_name().unwrap_or_default().to_string_lossy();
    file.strip_prefix(name).and_then(|rest| rest.strip_prefix('_')).is_some_and(|found| found.starts_with(version))
}
