//! Workbooks and CSV files as spreadsheets write them: their cells are applied as they are meant, or refused with the cell and the
//! reason. `workbooks/make.py` has made the files.

use std::io::{Cursor, Read, Write};

use ocamba_fleet::{Error, Fleet, Format, ReadOptions, RowError, RowErrors, RowReader};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

const WORKBOOKS: [&str; 3] = ["libreoffice.xlsx", "libreoffice.ods", "openpyxl.xlsx"];
const LANGUAGES: [&str; 3] = ["en-US", "de-DE", "fr-FR"];

fn read(file: &str, options: ReadOptions) -> Result<Fleet, Error> {
    let path = format!("{}/tests/workbooks/{file}", env!("CARGO_MANIFEST_DIR"));
    options.ignore_column("NOTES").path(path)?.check()
}

/// Returns the name, and the settings that differ, of each row.
fn rows(fleet: &Fleet) -> Vec<Value> {
    let of = |request: &str| {
        let row: Value = serde_json::from_str(request).expect("JSON");
        let settings =
            ["auth_token", "default_phone_number", "port", "username"].map(|name| row["settings"][name].clone());
        json!([row["name"], row["provider_id"], settings])
    };
    fleet.unresolved().map(of).collect()
}

fn errors(result: Result<Fleet, Error>) -> RowErrors {
    match result.expect_err("invalid rows") {
        Error::InvalidRows(errors) => errors,
        other => panic!("{other}"),
    }
}

#[test]
fn cells_are_applied_as_meant() {
    let expected = json!([
        ["4711", "1000", ["123456789012345", "12155551234", null, null]],
        ["Ü & Söhne <1>", "1000", ["secret", "+12155551234", null, null]],
        ["Zürich", "1001", [null, null, "587", "00123"]],
        ["computed", "1000", ["padded", "12155551234", null, null]],
        ["text", "1001", [null, null, "0587", "a=1"]],
    ]);
    for file in WORKBOOKS {
        let named = ReadOptions::new().sheet("Shops");
        // Their first sheet is hidden, which LibreOffice does not do in .xlsx.
        let first = if file == "libreoffice.xlsx" { named.clone() } else { ReadOptions::new() };
        for options in [first, named] {
            let fleet = read(file, options).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(Value::from(rows(&fleet)), expected, "{file}");
            assert_eq!(fleet.warnings().count(), 0, "{file}: {}", fleet.warnings());
        }
    }
    for language in LANGUAGES {
        let fleet = read(&format!("libreoffice.{language}.shops.csv"), ReadOptions::new());
        assert_eq!(
            Value::from(rows(&fleet.unwrap_or_else(|error| panic!("{language}: {error}")))),
            expected,
            "{language}"
        );
    }
}

#[test]
fn formats_that_show_the_number_otherwise_matter_only_to_csv() {
    for file in WORKBOOKS {
        let fleet = read(file, ReadOptions::new().sheet("All shown")).unwrap_or_else(|error| panic!("{file}: {error}"));
        let expected = json!([
            ["formula", "1001", [null, null, "0587", "=1+1"]],
            ["decimals", "1001", [null, null, "587", "ann"]],
            ["grouped", "1000", ["secret", "12155551234", null, null]],
            ["shortened", "1000", ["secret", "12155551234", null, null]],
        ]);
        assert_eq!(Value::from(rows(&fleet)), expected, "{file}");
    }
    for language in LANGUAGES {
        let found = errors(read(&format!("libreoffice.{language}.all-shown.csv"), ReadOptions::new())).to_string();
        let expected = [
            "2: settings.username is a formula",
            "3: settings.port is a number with the separators or decimal places",
            "4: settings.default_phone_number is a number with the separators or decimal places",
            "5: settings.default_phone_number is a number that a spreadsheet has shortened",
        ];
        for expected in expected {
            assert!(found.contains(expected), "{language}: no {expected:?} in {found}");
        }
    }
}

#[test]
fn cells_that_cannot_be_meant_are_refused_with_their_names() {
    let expected = [
        (2, "is a date"),
        (3, "is TRUE or FALSE"),
        (4, "is the error #N/A of a formula"),
        (5, "is a number with more digits than the 15"),
        (6, "is a number that its format shows as another text"),
        (7, "is a number that its format shows rounded"),
    ];
    for file in WORKBOOKS {
        let found = errors(read(file, ReadOptions::new().sheet("Refused")));
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.count(), expected.len(), "{file}: {shown:#?}");
        for (RowError { line, field, cell, message, .. }, (number, start)) in found.iter().zip(expected) {
            // No spreadsheet has computed the formulas of openpyxl.
            let start =
                if file.starts_with("openpyxl") && number == 4 { "is a formula without a stored" } else { start };
            assert_eq!((*line, field.as_str()), (number, "settings.default_phone_number"), "{file}");
            assert_eq!(cell.as_deref(), Some(format!("Refused!F{number}").as_str()), "{file}");
            assert!(message.starts_with(start), "{file}: {message}");
        }
        assert!(
            shown[0].contains(".xlsx:2: settings.default_phone_number (Refused!F2) is a date or a time;")
                || file.ends_with("ods")
        );
    }
    let found = errors(read("openpyxl.xlsx", ReadOptions::new().sheet("Merged")));
    assert!(found.to_string().contains("2: provider_id (Merged!B2) is merged with other cells"), "{found}");
}

#[test]
fn sheet_that_does_not_exist_is_named() {
    for file in WORKBOOKS {
        let found = errors(read(file, ReadOptions::new().sheet("shop"))).to_string();
        assert!(found.contains("has no sheet \"shop\"; did you mean Shops?"), "{found}");
        assert!(found.contains("\"Old\", \"Shops\", \"All shown\", \"Refused\""), "{found}");
        let found = errors(read(file, ReadOptions::new().sheet("Old"))).to_string();
        assert!(found.contains("1: has no column \"NOTES\" to be ignored"), "{found}");
    }
    let found = errors(read("libreoffice.en-US.shops.csv", ReadOptions::new().sheet("Shops"))).to_string();
    assert!(found.contains("has no sheets"), "{found}");
}

/// Returns a ZIP archive of these parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .expect("a part");
        archive.write_all(part).expect("a part");
    }
    archive.finish().expect("an archive").into_inner()
}

/// Returns a workbook whose one sheet has these rows, in the format of LibreOffice.
fn ods(manifest: &str, rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"a b\">{rows}</table:table>\
         </office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[("META-INF/manifest.xml", manifest.as_bytes()), ("content.xml", content.as_bytes())])
}

fn refused(bytes: &[u8]) -> String {
    errors(RowReader::from_reader(bytes, Format::Workbook, "t.xlsx").check()).to_string()
}

#[test]
fn hostile_workbook_is_refused_within_bounds() {
    let intact =
        std::fs::read(format!("{}/tests/workbooks/libreoffice.xlsx", env!("CARGO_MANIFEST_DIR"))).expect("a file");
    let mut encrypted = b"\xd0\xcf\x11\xe0....".to_vec();
    let old = encrypted.clone();
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let styles = vec![b' '; 5 << 20];
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let header = format!("<table:table-row>{}{}</table:table-row>", cell("name"), cell("provider"));
    let repeated = |rows: usize, columns: usize, text: &str| {
        format!(
            "{header}<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell office:value-type=\"string\" \
             table:number-columns-repeated=\"{columns}\"><text:p>{text}</text:p></table:table-cell></table:table-row>"
        )
    };
    let cases: [(Vec<u8>, &str); 14] = [
        (b"name,provider\n".to_vec(), "is not a workbook; if it is text"),
        (Vec::new(), "is empty"),
        (intact[..intact.len() / 2].to_vec(), "its ZIP archive is damaged or cut off"),
        (encrypted, "is protected with a password"),
        (old, "is a workbook in the old format .xls"),
        (archive(&[("a.txt", b"a")]), "is a ZIP archive, and not a workbook"),
        (archive(&[("[Content_Types].xml", b""), ("xl/styles.xml", &styles)]), "is too large when unpacked"),
        (archive(&[("[Content_Types].xml", b"")]), "is not an intact workbook"),
        (archive(&[("content.xml", b"<a>")]), "has no sheet"),
        (ods("<manifest:encryption-data>", ""), "is protected with a password"),
        (ods("", ""), "has no text in its sheet \"a b\""),
        (ods("", &repeated(2_000_000, 2, "x")), "100002: is one row too many"),
        (ods("", &repeated(1, 1001, "x")), "2: has text beyond column ALL; the maximum is 1000"),
        (ods("", &repeated(1, 1000, &"x".repeat(2000))), "2: is too long: the maximum is 1024 KiB per row"),
    ];
    for (bytes, expected) in cases {
        let found = refused(&bytes);
        assert!(found.contains(expected), "no {expected:?} in {}", &found[..found.len().min(300)]);
    }
    // The name of a cell is as a spreadsheet writes it; what is blank may be repeated.
    let blank = format!(
        "<table:table-row table:number-rows-repeated=\"1048575\"><table:table-cell/></table:table-row>{}",
        repeated(1, 3, "x")
    );
    let found = refused(&ods("", &blank));
    assert!(found.contains("t.xlsx:1048577: column C ('a b'!C1048577) has text in a column without a name"), "{found}");
}

/// Returns the parts of a workbook's archive.
fn parts(file: &str) -> Vec<(String, Vec<u8>)> {
    let file = std::fs::File::open(format!("{}/tests/workbooks/{file}", env!("CARGO_MANIFEST_DIR"))).expect("a file");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    let count = archive.len();
    let mut part = |index| {
        let (mut part, mut bytes) = (archive.by_index(index).expect("a part"), Vec::new());
        part.read_to_end(&mut bytes).expect("read");
        (part.name().expect("a name").into_owned(), bytes)
    };
    (0..count).map(&mut part).collect()
}

#[test]
fn unknown_error_of_a_formula_has_its_position() {
    let changed = |bytes: Vec<u8>| {
        String::from_utf8(bytes).map_or_else(|it| it.into_bytes(), |it| it.replace("#N/A", "#SPILL!").into())
    };
    let parts: Vec<_> = parts("libreoffice.xlsx").into_iter().map(|(name, bytes)| (name, changed(bytes))).collect();
    let parts: Vec<_> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let rows = ReadOptions::new().sheet("Refused").reader(archive(&parts).as_slice(), Format::Workbook, "t.xlsx");
    let found = errors(rows.check()).to_string();
    assert!(found.contains("has an unknown error of a formula, after the cell Refused!E4;"), "{found}");
}

/// Bytes of each part are changed, and its end is cut off: there is an error, or there are rows, and never a panic.
#[test]
fn damaged_workbook_never_panics() {
    for file in WORKBOOKS {
        let parts = parts(file);
        for index in 0..parts.len() {
            let length = parts[index].1.len();
            for at in (0..length).step_by(length / 5 + 1) {
                let with = |bytes: &[u8]| {
                    let parts = parts.iter().enumerate();
                    let parts: Vec<_> = parts
                        .map(|(it, (name, own))| (name.as_str(), if it == index { bytes } else { own.as_slice() }))
                        .collect();
                    let _ = RowReader::from_reader(archive(&parts).as_slice(), Format::Workbook, "t").check();
                };
                let mut changed = parts[index].1.clone();
                changed[at] ^= 0x15;
                with(&changed);
                with(&parts[index].1[..at]);
            }
        }
    }
}
