//! Files to which processes append lines of JSON, and which are cleaned when they have grown.
//!
//! While another process works with the file, for microseconds unless it is stopped, the result is `WouldBlock`.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::private_folder::{self, LockedFile};

/// Size up to which the file only grows, beyond twice its size after the last cleaning. Each create reads it.
pub const CLEAN: u64 = 8 << 10;
/// Length of the file's first line: its size after the last cleaning.
const HEADER: usize = 16;

/// Adds a line, for which the size of the file does not matter. When the file has grown, `keep` returns the lines that are
/// still needed.
pub fn append<T: Serialize + DeserializeOwned>(
    path: &Path,
    line: &T,
    keep: impl FnOnce(Vec<T>) -> Vec<T>,
) -> io::Result<()> {
    let mut file = lock(path)?;
    let mut header = [0; HEADER];
    let cleaned = file.read_exact(&mut header).ok().and_then(|()| str::from_utf8(&header).ok()?.parse().ok());
    let line = to_line(line)?;
    let size = file.metadata()?.len();
    match cleaned {
        Some(cleaned) if size <= CLEAN.saturating_add(u64::saturating_mul(cleaned, 2)) => {
            file.seek(SeekFrom::End(0))?;
            file.write_all(line.as_bytes())?;
        }
        _ => {
            file.rewind()?;
            let lines: String = keep(lines(&mut file)?).iter().map(to_line).collect::<io::Result<_>>()?;
            let new = format!("{:0HEADER$}{lines}{line}", HEADER + lines.len());
            // Replaced as a whole: a writer that fails or dies meanwhile leaves the lines of others as they were.
            let replacement = path.with_extension("new");
            let mut cleaned = private_folder::open(&replacement)?;
            cleaned.set_len(0)?;
            cleaned.write_all(new.as_bytes())?;
            drop(cleaned);
            fs::rename(replacement, path)?;
        }
    }
    Ok(())
}

/// Reads the lines that contain a key, but for one that its writer did not finish. The others are not parsed: they may be
/// hundreds, and each create reads the file. JSON must not escape the key: it is a hash.
pub fn read<T: DeserializeOwned>(path: &Path, key: &str) -> io::Result<Vec<T>> {
    let mut text = String::new();
    lock(path)?.read_to_string(&mut text)?;
    let line_at = |at: usize| {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        text[start..].lines().next().unwrap_or_default()
    };
    Ok(text.match_indices(key).filter_map(|(at, _)| serde_json::from_str(line_at(at)).ok()).collect())
}

fn lines<T: DeserializeOwned>(file: &mut fs::File) -> io::Result<Vec<T>> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Returns a line with the break before it, which also ends a line that its writer did not finish.
fn to_line(line: &impl Serialize) -> io::Result<String> {
    Ok(format!("\n{}", serde_json::to_string(line)?))
}

/// Opens and locks the file.
fn lock(path: &Path) -> io::Result<LockedFile> {
    let is_locked =
        || io::Error::new(io::ErrorKind::WouldBlock, format!("{} is locked by another process", path.display()));
    private_folder::try_lock(path)?.ok_or_else(is_locked)
}
