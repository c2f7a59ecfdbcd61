//! The ZIP archive of a workbook: what kind it is, and whether it can be read within bounds.

use std::io::{Cursor, Read, copy, sink};

use zip::ZipArchive;

use super::reasons::ENCRYPTED;

/// Maximum size of the parts that have cells, in bytes.
const MAX_CELLS: u64 = 128 << 20;
/// Maximum size of other parts: a few bytes of styles become hundreds in memory.
const MAX_OTHER: u64 = 4 << 20;
/// Maximum size of all parts.
const MAX_TOTAL: u64 = 256 << 20;
/// Maximum number of parts.
const MAX_PARTS: usize = 10_000;

/// A workbook in memory, whose parts were checked.
pub type Archive = ZipArchive<Cursor<Vec<u8>>>;

#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    Xlsx,
    Ods,
}

/// Opens the archive, and unpacks each part once, so that nothing that is read later can be larger than it says.
pub fn open(bytes: Vec<u8>) -> Result<(Archive, Kind), String> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Err(not_an_archive(&bytes).to_owned());
    }
    let damaged =
        "is not an intact workbook: its ZIP archive is damaged or cut off; open it in a spreadsheet, and save it again";
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(format!("has {} parts; the maximum is {MAX_PARTS}", archive.len()));
    }
    let (mut total, mut kind) = (0, None);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_) | zip::result::ZipError::InvalidPassword => ENCRYPTED,
            _ => damaged,
        })?;
        let name = part.name().map_err(|_| damaged)?.to_ascii_lowercase();
        kind = kind.or(match name.as_str() {
            "content.xml" => Some(Kind::Ods),
            "[content_types].xml" => Some(Kind::Xlsx),
            _ => None,
        });
        let has_cells = ["sheet", "content.xml", "sharedstrings"].iter().any(|part| name.contains(part));
        let is_read = name.ends_with(".xml") || name.ends_with(".rels");
        let max = if has_cells || !is_read { MAX_CELLS } else { MAX_OTHER };
        let size = copy(&mut part.take(max + 1), &mut sink()).map_err(|_| damaged)?;
        total += size;
        if size > max || total > MAX_TOTAL {
            return Err(format!(
                "is too large when unpacked: the maximum is {} MiB for a sheet; split it, or save the sheet as CSV",
                MAX_CELLS >> 20
            ));
        }
    }
    let kind =
        kind.ok_or("is a ZIP archive, and not a workbook; give a file that a spreadsheet has saved as .xlsx or .ods")?;
    Ok((archive, kind))
}

/// Returns what is wrong with bytes that are no ZIP archive.
fn not_an_archive(bytes: &[u8]) -> &'static str {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match bytes {
        [] => "is empty; save the workbook again",
        // The container of old workbooks, and of encrypted ones.
        [0xd0, 0xcf, 0x11, 0xe0, ..] if bytes.windows(encrypted.len()).any(|window| window == encrypted) => ENCRYPTED,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "is a workbook in the old format .xls; save it as .xlsx, .ods or CSV",
        _ => "is not a workbook; if it is text, give it the ending of its format, as .csv",
    }
}
