//! The renderer of the reference at `/docs`: one file of Scalar, from npm, compressed. It is committed, so that a build needs
//! no npm.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use crate::Result;
use crate::run::{command_in, run_quietly};

/// Packed rather than installed: the file has all in it, and an installed package 270 others beside it.
const PACKAGE: &str = "@scalar/api-reference@1.72.1";
const FILE: &str = "package/dist/browser/standalone.js";
/// What the file must be, as SHA-256.
const DIGEST: &str = "bf091006bdc3af6067af77c2f534812e3e633e94a94e87138069f570f33b762c";
/// What is made of it.
pub const PATH: &str = "crates/sandbox/src/reference/scalar.js.gz";
/// Goes with every copy.
const LICENCE: &str = "crates/sandbox/src/reference/scalar-licence.txt";

/// Whether the committed file is what would be written. Asks no network.
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
    let mut pack = command_in(&work, "npm pack --silent");
    pack.arg(PACKAGE);
    let packed = run_quietly(pack)?;
    let mut unpack = Command::new("tar");
    unpack.args(["-xzf", packed.trim(), FILE]).current_dir(&work);
    run_quietly(unpack)?;
    let script = std::fs::read(work.join(FILE))?;
    let found = hex(&script);
    if found != DIGEST {
        let here = "xtask/src/codegen/reference.rs";
        return Err(
            format!("{FILE} of {PACKAGE} has the digest {found}, not that of {here}: is it the right one?").into()
        );
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(banner(root)?.as_bytes())?;
    packer.write_all(&script)?;
    Ok(std::fs::write(root.join(PATH), packer.finish()?)?)
}

fn banner(root: &Path) -> Result<String> {
    let licence = std::fs::read_to_string(root.join(LICENCE)).map_err(|e| format!("cannot read {LICENCE}: {e}"))?;
    Ok(format!("/*! {} from {PACKAGE}. Do not edit.\n\n{licence}*/\n", super::MARK))
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
