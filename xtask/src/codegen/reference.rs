//! The renderer of the reference at `/docs`: one compressed file of Scalar, committed so that builds need no npm.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use crate::Result;
use crate::run::{command_in, run_quietly};

/// Packed rather than installed: the file is complete, and an installation has 270 other packages.
const PACKAGE: &str = "@scalar/api-reference@1.72.1";
const FILE: &str = "package/dist/browser/standalone.js";
/// The SHA-256 of the file.
const DIGEST: &str = "bf091006bdc3af6067af77c2f534812e3e633e94a94e87138069f570f33b762c";
/// The compressed file.
pub const PATH: &str = "crates/sandbox/src/local/reference/scalar.js.gz";
/// Part of every copy.
const LICENCE: &str = "crates/sandbox/src/local/reference/scalar-licence.txt";

/// Whether the committed file is current. Needs no network.
pub fn is_current(root: &Path) -> Result<bool> {
    let mut text = Vec::new();
    let Ok(file) = std::fs::File::open(root.join(PATH)) else { return Ok(false) };
    let is_readable = GzDecoder::new(file).read_to_end(&mut text).is_ok();
    let banner = banner(root)?;
    Ok(is_readable && text.strip_prefix(banner.as_bytes()).is_some_and(|script| hex(script) == DIGEST))
}

/// Fetches the package, and writes the file.
pub fn write(root: &Path) -> Result {
    let work = root.join("target/reference");
    std::fs::create_dir_all(&work)?;
    let packed = run_quietly(command_in(&work, "npm pack --silent").arg(PACKAGE))?;
    run_quietly(command_in(&work, "tar -xzf").args([packed.trim(), FILE]))?;
    let script = std::fs::read(work.join(FILE))?;
    let found = hex(&script);
    if found != DIGEST {
        let expected = "the one in xtask/src/codegen/reference.rs";
        return Err(format!("{FILE} of {PACKAGE} has the digest {found} instead of {expected}").into());
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(banner(root)?.as_bytes())?;
    packer.write_all(&script)?;
    Ok(std::fs::write(root.join(PATH), packer.finish()?)?)
}

fn banner(root: &Path) -> Result<String> {
    let licence = std::fs::read_to_string(root.join(LICENCE)).map_err(|e| format!("{LICENCE} was not read: {e}"))?;
    Ok(format!("/*! {} from {PACKAGE}. Do not edit.\n\n{licence}*/\n", super::MARK))
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
