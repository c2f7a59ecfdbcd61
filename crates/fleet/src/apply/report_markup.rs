//! Reports in Markdown, HTML and the XML of JUnit, and the cells that people read.

use std::io::{self, Write};

use ocamba_hood::{ProviderInfo, printable};

use crate::apply::report::{Report, RowOutcome, RowReport};

/// Characters that Markdown reads as markup within a cell.
const MARKDOWN: [char; 12] = ['\\', '`', '*', '_', '[', ']', '<', '>', '|', '~', '&', '$'];
const STYLE: &str = ":root{color-scheme:light dark}body{font:1rem/1.4 system-ui,sans-serif;margin:2rem}\
    table{border-collapse:collapse}th,td{border:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}";

/// Returns the names of the columns, then the cells of each row, as people read them.
pub fn cells_for_people(rows: &[RowReport]) -> Vec<[String; 9]> {
    let mut lines = vec![RowReport::COLUMNS.map(|name| name.replace('_', " "))];
    "provider".clone_into(&mut lines[0][2]);
    for row in rows {
        let mut cells = row.cells().map(|cell| printable(&cell.replace(['\r', '\n', '\t'], " ")));
        if let Some(provider) = ProviderInfo::of(&row.provider_id) {
            provider.title.clone_into(&mut cells[2]);
        }
        lines.push(cells);
    }
    lines
}

/// Returns whether a row has something in this column.
pub fn is_used(lines: &[[String; 9]], column: usize) -> bool {
    lines[1..].iter().any(|line| !line[column].is_empty())
}

/// Writes a heading, the counts, and why the run stopped.
pub fn markdown_title(title: &str, report: &Report, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n\n{}\n", markdown_text(title), report.summary())?;
    match &report.stopped {
        Some(why) => writeln!(out, "Stopped: {}\n", markdown_text(why)),
        None => Ok(()),
    }
}

/// Writes rows as a table.
pub fn markdown_table(rows: &[RowReport], mut out: impl Write) -> io::Result<()> {
    let lines = cells_for_people(rows);
    let columns: Vec<_> = (0..lines[0].len()).filter(|column| is_used(&lines, *column)).collect();
    for (index, line) in lines.iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|column| markdown_text(&line[*column])).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
        if index == 0 {
            writeln!(out, "| {} |", vec!["---"; columns.len()].join(" | "))?;
        }
    }
    Ok(())
}

/// Writes a page with the rows of a report, in this order.
pub fn html(report: &Report, rows: &[RowReport], mut out: impl Write) -> io::Result<()> {
    let lines = cells_for_people(rows);
    let columns: Vec<_> = (0..lines[0].len()).filter(|column| is_used(&lines, *column)).collect();
    let summary = xml_text(&report.summary());
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<title>Fleet: {summary}</title>\n<style>{STYLE}</style>\n<h1>Fleet</h1>\n<p>{summary}</p>")?;
    if let Some(why) = &report.stopped {
        writeln!(out, "<p>Stopped: {}</p>", xml_text(why))?;
    }
    writeln!(out, "<table>")?;
    for (index, line) in lines.iter().enumerate() {
        let tag = if index == 0 { "th" } else { "td" };
        let cells = columns.iter().map(|column| format!("<{tag}>{}</{tag}>", xml_text(&line[*column])));
        writeln!(out, "<tr>{}</tr>", cells.collect::<String>())?;
    }
    writeln!(out, "</table>\n</html>")
}

/// Writes one test per row, as tools for CI read them.
pub fn junit(report: &Report, mut out: impl Write) -> io::Result<()> {
    let count = |element| report.rows.iter().filter(|row| junit_element(row.outcome) == Some(element)).count();
    let [failures, errors, skipped] = ["failure", "error", "skipped"].map(count);
    let counts =
        format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"", report.rows.len());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>")?;
    writeln!(out, "<testsuite name=\"ocamba fleet apply\" {counts}>")?;
    for row in &report.rows {
        let provider = ProviderInfo::of(&row.provider_id).map_or(row.provider_id.as_str(), |provider| provider.title);
        write!(out, "<testcase name=\"{}\" classname=\"{}\"", xml_text(&row.name), xml_text(provider))?;
        let text = |text: &Option<String>| xml_text(text.as_deref().unwrap_or_default());
        match junit_element(row.outcome) {
            None => writeln!(out, "/>")?,
            Some("skipped") => writeln!(out, "><skipped message=\"{}\"/></testcase>", text(&report.stopped))?,
            Some(element) => {
                let (kind, message) = (text(&row.code), text(&row.message));
                writeln!(out, "><{element} type=\"{kind}\" message=\"{message}\"/></testcase>")?;
            }
        }
    }
    writeln!(out, "</testsuite>\n</testsuites>")
}

/// Returns the element for an outcome; none for a row that is done.
fn junit_element(outcome: RowOutcome) -> Option<&'static str> {
    match outcome {
        RowOutcome::Created | RowOutcome::Updated | RowOutcome::Adopted | RowOutcome::Unchanged => None,
        RowOutcome::Failed | RowOutcome::Conflict => Some("failure"),
        RowOutcome::Unknown | RowOutcome::Applied => Some("error"),
        RowOutcome::Pending => Some("skipped"),
    }
}

fn markdown_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if MARKDOWN.contains(&c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Escapes a text for elements and attributes of XML and HTML.
fn xml_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML has no such characters.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
