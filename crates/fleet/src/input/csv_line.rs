//! Lines of CSV: which cells are in quotation marks, and cells to be written.

use std::borrow::Cow;

/// Returns which cells of a record are in quotation marks, since the blanks within them are meant, and for each how many bytes
/// follow its quotation.
pub fn quoted_cells(source: &str, delimiter: u8) -> Vec<Option<usize>> {
    let (mut quoted, mut after_quotation, mut is_within, mut is_start) = (Vec::new(), None, false, true);
    for byte in source.trim_end_matches(['\r', '\n']).bytes() {
        match (byte, &mut after_quotation) {
            (b'"', None) if is_start => (after_quotation, is_within) = (Some(0), true),
            // The first of two ends the quotation, and the second begins it again.
            (b'"', Some(after)) => (*after, is_within) = (0, !is_within),
            _ if byte == delimiter && !is_within => {
                quoted.push(after_quotation.take());
                is_start = true;
                continue;
            }
            (_, Some(after)) if !is_within => *after += 1,
            _ => {}
        }
        is_start = false;
    }
    quoted.push(after_quotation);
    quoted
}

/// Writes cells as a line, such that they are read back as they are.
pub fn write<'c>(cells: impl IntoIterator<Item = Cow<'c, str>>) -> String {
    let cells: Vec<_> = cells.into_iter().map(quote).collect();
    format!("{}\n", cells.join(","))
}

fn quote(cell: Cow<'_, str>) -> Cow<'_, str> {
    let is_read_back = !cell.contains([',', '"', '\r', '\n']) && cell.trim() == cell && !cell.starts_with('#');
    if is_read_back { cell } else { format!("\"{}\"", cell.replace('"', "\"\"")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_are_found() {
        for (line, expected) in [
            ("a,b", vec![None, None]),
            ("\"a,\"\"b\",c\r\n", vec![Some(0), None]),
            ("a\"b,\" c\n,\"  ,", vec![None, Some(2), None]),
            ("", vec![None]),
        ] {
            assert_eq!(quoted_cells(line, b','), expected, "{line}");
        }
    }
}
