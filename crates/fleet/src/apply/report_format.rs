//! Reports in the formats of programs, spreadsheets, continuous integration, and people.

use std::io::{self, Write};
use std::path::Path;

use crate::apply::report::{Report, RowOutcome, RowReport};

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportFormat {
    /// A row per line, for spreadsheets.
    Csv,
    /// A list of all rows.
    Json,
    /// A JSON object per line.
    JsonLines,
    /// The summary, and a table.
    Markdown,
    /// A test case per row, for continuous integration.
    JUnit,
    /// A page with the summary and a table.
    Html,
    /// A table of plain text.
    Table,
}

impl ReportFormat {
    /// Returns the format of a path, by its extension: `.csv`, `.json`, `.jsonl` or `.ndjson`, `.md` or `.markdown`, `.xml` for
    /// JUnit, `.html` or `.htm`, or else a table.
    pub fn of(path: &Path) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::JsonLines,
            "md" | "markdown" => Self::Markdown,
            "xml" => Self::JUnit,
            "html" | "htm" => Self::Html,
            _ => Self::Table,
        }
    }
}

impl Report {
    /// Writes the report in this format.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(&self, format: ReportFormat, mut out: impl Write) -> io::Result<()> {
        match format {
            ReportFormat::Csv => self.write_csv(out),
            ReportFormat::JsonLines => self.write_json_lines(out),
            ReportFormat::Table => self.write_table(out),
            ReportFormat::Json => {
                serde_json::to_writer_pretty(&mut out, &self.rows)?;
                writeln!(out)?;
                out.flush()
            }
            ReportFormat::Markdown => {
                out.write_all(self.to_markdown(usize::MAX).as_bytes())?;
                out.flush()
            }
            ReportFormat::JUnit => {
                out.write_all(self.to_junit().as_bytes())?;
                out.flush()
            }
            ReportFormat::Html => {
                out.write_all(self.to_html().as_bytes())?;
                out.flush()
            }
        }
    }

    /// Returns the summary and a table in Markdown, with the rows that are not done first, and no more rows than this.
    pub fn to_markdown(&self, max_rows: usize) -> String {
        let mut text = format!("### Fleet: {}\n\n", self.summary());
        if let Some(why) = &self.stopped {
            text += &format!("Stopped: {}\n\n", escape_markdown(why));
        }
        if self.rows.is_empty() || max_rows == 0 {
            return text;
        }
        text += &format!("| {} |\n|{}\n", RowReport::COLUMNS.join(" | "), "---|".repeat(RowReport::COLUMNS.len()));
        for row in self.by_urgency().take(max_rows) {
            text += &format!("| {} |\n", row.cells().map(|cell| escape_markdown(&cell)).join(" | "));
        }
        if self.rows.len() > max_rows {
            text += &format!("\nand {} more rows\n", self.rows.len() - max_rows);
        }
        text
    }

    fn to_junit(&self) -> String {
        let count = |is_counted: fn(RowOutcome) -> bool| self.rows.iter().filter(|row| is_counted(row.outcome)).count();
        let is_skipped = |outcome| outcome == RowOutcome::Pending;
        let is_failure = |outcome: RowOutcome| !outcome.is_done() && outcome != RowOutcome::Pending;
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" skipped=\"{}\"",
            self.rows.len(),
            count(is_failure),
            count(is_skipped)
        );
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n<testsuite name=\"fleet\" {counts}>\n"
        );
        for row in &self.rows {
            let (name, provider) = (escape_xml(&row.name), escape_xml(&row.provider_id));
            text += &format!("<testcase name=\"{name}\" classname=\"fleet.{provider}\">");
            let outcome = row.outcome.to_string();
            let why = row.message.as_deref().or(self.stopped.as_deref()).unwrap_or_default();
            let message = escape_xml(&format!("line {}: {outcome}: {why}", row.line));
            if is_failure(row.outcome) {
                let kind = escape_xml(row.code.as_deref().unwrap_or(&outcome));
                text += &format!("<failure type=\"{kind}\" message=\"{message}\"/>");
            } else if is_skipped(row.outcome) {
                text += &format!("<skipped message=\"{message}\"/>");
            }
            text += "</testcase>\n";
        }
        text + "</testsuite>\n</testsuites>\n"
    }

    fn to_html(&self) -> String {
        let cells = |tag: &str, cells: [String; 9]| {
            let cells = cells.map(|cell| format!("<{tag}>{}</{tag}>", escape_xml(&cell)));
            format!("<tr>{}</tr>\n", cells.concat())
        };
        let summary = escape_xml(&self.summary());
        let stopped =
            self.stopped.as_ref().map(|why| format!("<p>Stopped: {}</p>\n", escape_xml(why))).unwrap_or_default();
        let rows: String = self.by_urgency().map(|row| cells("td", row.cells())).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fleet: {summary}</title>\n<style>\
             body{{font-family:system-ui,sans-serif;color-scheme:light dark}}table{{border-collapse:collapse}}\
             th,td{{padding:.3em .6em;border:1px solid #8888;text-align:left;vertical-align:top}}</style></head>\n\
             <body><h1>Fleet: {summary}</h1>\n{stopped}<table>\n<thead>{}</thead>\n<tbody>\n{rows}</tbody></table></body></html>\n",
            cells("th", RowReport::COLUMNS.map(str::to_owned))
        )
    }

    /// Returns the rows that are not done, and then the others.
    fn by_urgency(&self) -> impl Iterator<Item = &RowReport> {
        let (done, others): (Vec<_>, Vec<_>) = self.rows.iter().partition(|row| row.outcome.is_done());
        others.into_iter().chain(done)
    }
}

/// Makes text of XML or HTML, which has no control characters.
fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\r' | '\t' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Makes text of a cell in Markdown, in which nothing has a meaning.
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in escape_xml(text).chars() {
        if matches!(c, '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '$') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, outcome: RowOutcome, message: Option<&str>) -> RowReport {
        RowReport {
            line: 2,
            name: name.to_owned(),
            provider_id: "2000".to_owned(),
            outcome,
            id: None,
            code: message.map(|_| "bad_request".to_owned()),
            message: message.map(str::to_owned),
            trace_id: None,
            references: None,
        }
    }

    fn report() -> Report {
        let failed = row("<b>|`x`\u{1}", RowOutcome::Failed, Some("no & \"never\"\nagain"));
        let rows = vec![row("a", RowOutcome::Created, None), failed, row("c", RowOutcome::Pending, None)];
        Report { rows, stopped: Some("cancelled".to_owned()) }
    }

    fn written(path: &str) -> String {
        let mut out = Vec::new();
        report().write(ReportFormat::of(Path::new(path)), &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn report_has_the_format_of_its_extension() {
        let json: serde_json::Value = serde_json::from_str(&written("r.json")).expect("one document");
        assert_eq!((json.as_array().expect("a list").len(), &json[1]["outcome"]), (3, &"failed".into()));
        assert_eq!(written("r.ndjson").lines().count(), 3);
        assert!(written("r.CSV").starts_with("line,name,") && written("r.txt").starts_with("LINE  NAME"));
        let markdown = written("r.md");
        assert!(
            markdown.starts_with("### Fleet: 1 created, 1 failed, 1 pending\n\nStopped: cancelled\n"),
            "{markdown}"
        );
        let first = "| 2 | &lt;b&gt;\\|\\`x\\`\u{fffd} | 2000 | failed |  | bad\\_request | no &amp; &quot;never&quot; again |  |  |";
        assert_eq!(markdown.lines().nth(6), Some(first));
        assert_eq!(report().to_markdown(1).lines().last(), Some("and 2 more rows"));
        let junit = written("r.xml");
        assert!(junit.contains("<testsuite name=\"fleet\" tests=\"3\" failures=\"1\" skipped=\"1\">"), "{junit}");
        let failure = "<failure type=\"bad_request\" message=\"line 2: failed: no &amp; &quot;never&quot; again\"/>";
        assert!(junit.contains("name=\"&lt;b&gt;|`x`\u{fffd}\"") && junit.contains(failure), "{junit}");
        assert!(junit.contains("<skipped message=\"line 2: pending: cancelled\"/>"), "{junit}");
        let html = written("r.htm");
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<td>&lt;b&gt;|`x`\u{fffd}</td>"), "{html}");
        assert!(!html.contains("<b>") && html.find("failed</td>") < html.find("created</td>"), "{html}");
    }
}
