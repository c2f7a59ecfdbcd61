//! Hostile input: refused with its position, within limits.

use std::io::{self, Cursor, Read};

use ocamba_fleet::{Error, Format, RowReader};

const FORMATS: [Format; 4] = [Format::Csv, Format::Json, Format::JsonLines, Format::Yaml];

fn refused(reader: impl Read, format: Format) -> String {
    let Err(Error::InvalidRows(errors)) = RowReader::from_reader(reader, format, "t").check() else {
        panic!("{format:?}: accepted");
    };
    let text = errors.to_string();
    assert!(text.starts_with("t:") && text.len() < 2_000, "{format:?}: {} characters", text.len());
    text
}

#[test]
fn field_of_a_gigabyte_is_refused() {
    for (format, start) in [
        (Format::Csv, "name,provider\nx,\""),
        (Format::Json, "[{\"name\": \""),
        (Format::JsonLines, "{}\n{\"name\": \""),
        (Format::Yaml, "- name: \""),
    ] {
        let text = refused(start.as_bytes().chain(io::repeat(b'x').take(1 << 30)), format);
        assert!(text.contains("too long") || text.contains("32 MiB"), "{format:?}: {text}");
    }
}

#[test]
fn binary_input_is_refused_in_every_format() {
    for format in FORMATS {
        for (bytes, expected) in [
            (b"\xff\xfe[\0{".as_slice(), "is not valid UTF-16"),
            (b"[\0{\0", "has a NUL byte"),
            (b"\n\n\"\xe9\"", "t:3: is not UTF-8"),
            (b"\x80\x81\x82", "is not UTF-8"),
        ] {
            let text = refused(bytes, format);
            assert!(text.contains(expected), "{format:?}: {text}");
        }
        let mut seed = 7_u64;
        for _ in 0..200 {
            let mut byte = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                b"{}[]\",:\n\r\t -=#&*'xname\\u0\xE9"[(seed >> 33) as usize % 26]
            };
            let noise: Vec<u8> = (0..60).map(|_| byte()).collect();
            // Returns rows or errors, and does not panic.
            let _ = RowReader::from_reader(Cursor::new(noise), format, "t").check();
        }
    }
}

#[test]
fn too_many_rows_are_refused() {
    let many = format!("[{}{{}}]", "{},".repeat(100_000));
    let rows = RowReader::from_reader(many.as_bytes(), Format::Json, "t");
    assert_eq!(rows.len(), 100_000);
    let Err(Error::InvalidRows(errors)) = rows.check() else { panic!("accepted") };
    assert_eq!((errors.iter().count(), errors.count()), (10_000, 200_001));
    assert!(errors.iter().any(|error| error.message.contains("one row too many")));
}

#[test]
fn depth_is_bounded() {
    for format in [Format::Json, Format::JsonLines, Format::Yaml] {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        refused(deep.as_bytes(), format);
    }
}
