//! Formats of reports, and reports written in them.

use std::io::{self, Write};
use std::path::Path;

use crate::apply::report::{Report, RowReport};
use crate::apply::report_markup::{self, cells_for_people, is_used};
use crate::input::spreadsheet_escape;

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportFormat {
    /// A table for people, without empty columns.
    Table,
    /// One row per line. Cells that a spreadsheet would compute are escaped with an apostrophe.
    Csv,
    /// One list of all rows.
    Json,
    /// One row per line, as JSON.
    JsonLines,
    /// A table for pages such as those of a pull request, with the rows that are not done first.
    Markdown,
    /// One test per row, for CI: rows that were rejected are failures, rows with an unknown outcome are errors, and rows
    /// that were not reached are skipped.
    Junit,
    /// A page for a browser, with the rows that are not done first.
    Html,
}

impl ReportFormat {
    /// Extensions of files, without their dot, and their formats.
    const EXTENSIONS: [(&str, Self); 11] = [
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("jsonl", Self::JsonLines),
        ("ndjson", Self::JsonLines),
        ("md", Self::Markdown),
        ("markdown", Self::Markdown),
        ("xml", Self::Junit),
        ("html", Self::Html),
        ("htm", Self::Html),
        ("txt", Self::Table),
        ("log", Self::Table),
    ];

    /// Returns the format of a path, by its extension: `.csv`, `.json`, `.jsonl`, `.md`, `.xml` (JUnit), `.html`, or `.txt`. A
    /// path without an extension is a table.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use ocamba_fleet::ReportFormat;
    ///
    /// assert_eq!(ReportFormat::of(Path::new("report.html")), Some(ReportFormat::Html));
    /// assert_eq!(ReportFormat::of(Path::new("report.pdf")), None);
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        let Some(extension) = path.extension() else { return Some(Self::Table) };
        let is_it = |known: &str| extension.eq_ignore_ascii_case(known);
        Self::EXTENSIONS.into_iter().find(|(known, _)| is_it(known)).map(|(_, format)| format)
    }
}

impl Report {
    /// Writes the report.
    ///
    /// ```
    /// # fn example(report: &ocamba_fleet::Report) -> std::io::Result<()> {
    /// use ocamba_fleet::ReportFormat;
    ///
    /// report.write(ReportFormat::Table, std::io::stdout())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(&self, format: ReportFormat, mut out: impl Write) -> io::Result<()> {
        match format {
            ReportFormat::Table => table(&self.rows, &mut out)?,
            ReportFormat::Csv => csv(&self.rows, &mut out)?,
            ReportFormat::Json => {
                serde_json::to_writer_pretty(&mut out, &self.rows)?;
                out.write_all(b"\n")?;
            }
            ReportFormat::JsonLines => {
                for row in &self.rows {
                    serde_json::to_writer(&mut out, row)?;
                    out.write_all(b"\n")?;
                }
            }
            ReportFormat::Markdown => {
                report_markup::markdown_title("Fleet", self, &mut out)?;
                report_markup::markdown_table(&self.by_urgency(), &mut out)?;
            }
            ReportFormat::Junit => report_markup::junit(self, &mut out)?,
            ReportFormat::Html => report_markup::html(self, &self.by_urgency(), &mut out)?,
        }
        out.flush()
    }

    /// Writes a summary in Markdown, such as for the page of a CI job: the counts, and the rows that are not done, 100 at most.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write_summary(&self, title: &str, mut out: impl Write) -> io::Result<()> {
        const MAX_ROWS: usize = 100;
        report_markup::markdown_title(title, self, &mut out)?;
        let mut rows = self.unfinished().rows;
        let more = rows.len().saturating_sub(MAX_ROWS);
        rows.truncate(MAX_ROWS);
        if !rows.is_empty() {
            report_markup::markdown_table(&rows, &mut out)?;
        }
        if more > 0 {
            writeln!(out, "\nand {more} more rows that are not done")?;
        }
        out.flush()
    }

    /// Returns the rows that are not done, then the others.
    fn by_urgency(&self) -> Vec<RowReport> {
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| row.outcome.is_done());
        rows
    }
}

fn csv(rows: &[RowReport], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(RowReport::COLUMNS)?;
    for row in rows {
        writer.write_record(row.cells().iter().map(|cell| spreadsheet_escape::write(cell).into_owned()))?;
    }
    writer.flush()
}

fn table(rows: &[RowReport], mut out: impl Write) -> io::Result<()> {
    let mut lines = cells_for_people(rows);
    lines[0] = lines[0].clone().map(|name| name.to_uppercase());
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let columns: Vec<_> =
        (0..lines[0].len()).filter(|column| is_used(&lines, *column)).map(|column| (column, width(column))).collect();
    for line in &lines {
        let cells: Vec<_> = columns.iter().map(|(column, width)| format!("{:width$}", line[*column])).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::report::RowOutcome;

    fn row(name: &str, outcome: RowOutcome, message: Option<&str>) -> RowReport {
        RowReport {
            line: 2,
            name: name.into(),
            provider_id: "2000".into(),
            outcome,
            id: None,
            code: message.map(|_| "bad_request".into()),
            message: message.map(str::to_owned),
            trace_id: None,
            references: message.map(|_| "api_key=env:KEY".into()),
        }
    }

    fn written(report: &Report, format: ReportFormat) -> String {
        let mut out = Vec::new();
        report.write(format, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn report_has_its_form_by_its_extension() {
        let report =
            Report { rows: vec![row("=cmd()", RowOutcome::Failed, Some("no, \"never\"\nagain"))], ..Report::default() };
        let line = "{\"line\":2,\"name\":\"=cmd()\",\"provider_id\":\"2000\",\"outcome\":\"failed\",\"id\":null,\
                    \"code\":\"bad_request\",\"message\":\"no, \\\"never\\\"\\nagain\",\"trace_id\":null,\
                    \"references\":\"api_key=env:KEY\"}\n";
        let json = written(&report, ReportFormat::of(Path::new("r.json")).expect("known"));
        let read: serde_json::Value = serde_json::from_str(&json).expect("one document");
        assert_eq!(read, serde_json::json!([serde_json::from_str::<serde_json::Value>(line).expect("JSON")]));
        for (path, expected) in [
            ("r.jsonl", line),
            (
                "r.CSV",
                "line,name,provider_id,outcome,id,code,message,trace_id,references\n\
                 2,'=cmd(),2000,failed,,bad_request,\"no, \"\"never\"\"\nagain\",,api_key=env:KEY\n",
            ),
            (
                "r",
                "LINE  NAME    PROVIDER  OUTCOME  CODE         MESSAGE            REFERENCES\n\
                 2     =cmd()  2000      failed   bad_request  no, \"never\" again  api_key=env:KEY\n",
            ),
            (
                "r.md",
                "## Fleet\n\n1 failed\n\n\
                 | line | name | provider | outcome | code | message | references |\n\
                 | --- | --- | --- | --- | --- | --- | --- |\n\
                 | 2 | =cmd() | 2000 | failed | bad\\_request | no, \"never\" again | api\\_key=env:KEY |\n",
            ),
        ] {
            assert_eq!(written(&report, ReportFormat::of(Path::new(path)).expect("known")), expected, "{path}");
        }
        assert_eq!((report.summary().as_str(), report.is_complete()), ("1 failed", false));
        assert_eq!(ReportFormat::of(Path::new("r.xlsx")), None);
    }

    #[test]
    fn junit_counts_failures_errors_and_skipped_rows() {
        let rows = [RowOutcome::Created, RowOutcome::Failed, RowOutcome::Unknown, RowOutcome::Pending]
            .map(|outcome| row("a<b>&\"'\u{1}\u{202e}", outcome, (!outcome.is_done()).then_some("<no>")));
        let report = Report { rows: rows.into(), stopped: Some("cancelled".into()) };
        let xml = written(&report, ReportFormat::Junit);
        assert!(xml.contains("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""), "{xml}");
        assert_eq!(xml.matches("<testcase name=\"a&lt;b&gt;&amp;&quot;&#39;\\u{1}\\u{202e}\"").count(), 4, "{xml}");
        assert!(xml.contains("<failure type=\"bad_request\" message=\"&lt;no&gt;\"/>"), "{xml}");
        let html = written(&report, ReportFormat::Html);
        assert!(html.rfind("created</td>") > html.rfind("pending</td>"), "{html}");
        assert!(xml.contains("<error type=") && xml.contains("<skipped message=\"cancelled\"/>"), "{xml}");
    }

    #[test]
    fn markup_of_names_is_shown_and_has_no_effect() {
        let name = "<script>a|b*c*`d`[e](f)&amp;\nx\u{202e}";
        let report = Report { rows: vec![row(name, RowOutcome::Failed, Some(name))], ..Report::default() };
        let html = written(&report, ReportFormat::Html);
        assert!(html.starts_with("<!doctype html>") && !html.contains("<script>"), "{html}");
        assert!(html.contains("<td>&lt;script&gt;a|b*c*`d`[e](f)&amp;amp; x\\u{202e}</td>"), "{html}");
        let markdown = written(&report, ReportFormat::Markdown);
        assert!(markdown.contains("| \\<script\\>a\\|b\\*c\\*\\`d\\`\\[e\\](f)\\&amp; x\\\\u{202e} |"), "{markdown}");
    }

    #[test]
    fn summary_has_the_rows_that_are_not_done() {
        let mut rows = vec![row("done", RowOutcome::Created, None)];
        rows.extend((0..130).map(|_| row("not", RowOutcome::Failed, Some("no"))));
        let mut out = Vec::new();
        Report { rows, ..Report::default() }.write_summary("fleet.csv", &mut out).expect("written");
        let text = String::from_utf8(out).expect("text");
        assert!(text.starts_with("## fleet.csv\n\n1 created, 130 failed\n"), "{text}");
        assert!(!text.contains("done |") && text.ends_with("and 30 more rows that are not done\n"), "{text}");
    }
}
