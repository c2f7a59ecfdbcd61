//! The input: rows of a file, or of anything that gives requests, with what was wrong with reading them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Mistake, Mistakes};
use crate::source::{MAX_BYTES, MAX_ROW, MAX_ROWS, Source, Unreadable};
use crate::{csv_rows, json_rows, request, yaml_rows};

/// How the input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A request in each line.
    JsonLines,
    /// A list of requests, or one.
    Json,
    /// A list of requests.
    Yaml,
    /// A request in each row, its settings in columns: `name,provider,status,settings.NAME…`.
    Csv,
}

impl Format {
    /// The format that a file's name tells by its end: `.jsonl` or `.ndjson`, `.json`, `.yaml` or `.yml`, `.csv`.
    pub fn of(path: &Path) -> Option<Self> {
        Self::named(path.extension()?.to_str()?)
    }

    /// The format of this name, which is such an end without its dot.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// The rows of the input, as they stand there, not checked yet.
pub struct Sheet {
    pub(crate) name: Arc<str>,
    pub(crate) format: Format,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) mistakes: Mistakes,
    bytes: usize,
}

/// A row's request: JSON text with its secrets, or references to them, as they stood.
pub(crate) struct Draft {
    pub line: u32,
    pub request: Box<str>,
}

impl Sheet {
    /// Reads a file, in the format that its name tells.
    ///
    /// A file may have 32 MiB and 100,000 rows, a row 1 MiB and 1,000 columns. What cannot be read becomes a mistake that
    /// names the line; [`check`](Self::check) tells all of them.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where it cannot be opened, or its name tells no format.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let no_format = || {
            let message = "its name tells no format; it should end in .csv, .jsonl, .json or .yaml";
            Error::file(path.display(), "read")(std::io::Error::other(message))
        };
        Self::read_as(path, Format::of(path).ok_or_else(no_format)?)
    }

    /// As [`read`](Self::read), in a format that its name need not tell.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where it cannot be opened.
    pub fn read_as(path: impl AsRef<Path>, format: Format) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::file(path.display(), "read"))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::file(path.display(), "read")(std::io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self::from_reader(file, format, &path.display().to_string()))
    }

    /// Reads from anything. `name` stands for the file's in messages.
    ///
    /// ```
    /// use ocamba_fleet::{Format, Sheet};
    ///
    /// let text = "name,provider,settings.api_key,settings.sender_name\nExample,mitto,env:MITTO_KEY,Example\n";
    /// let sheet = Sheet::from_reader(text.as_bytes(), Format::Csv, "example.csv");
    /// assert_eq!(sheet.len(), 1);
    /// ```
    pub fn from_reader(reader: impl Read, format: Format, name: &str) -> Self {
        let mut sheet = Self::empty(format, name);
        let source = Source::new(reader);
        let read = match format {
            Format::JsonLines => json_rows::read_lines(source, &mut sheet),
            Format::Csv => csv_rows::read(source, &mut sheet),
            Format::Json => source.text().and_then(|text| json_rows::read(&text, &mut sheet)),
            Format::Yaml => source.text().and_then(|text| yaml_rows::read(&text, &mut sheet)),
        };
        if let Err(Unreadable { line, message }) = read {
            sheet.mistake(line, "", message);
        }
        sheet
    }

    /// Takes requests as JSON text, each with the fields of a create, or `provider` in place of `provider_id`. In messages
    /// its number, from 1 on, stands for its line.
    pub fn from_requests<T: AsRef<str>>(requests: impl IntoIterator<Item = T>, name: &str) -> Self {
        let mut sheet = Self::empty(Format::JsonLines, name);
        for (index, request) in requests.into_iter().enumerate() {
            let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
            if let Err(Unreadable { line, message }) = sheet.add(line, request.as_ref()) {
                sheet.mistake(line, "", message);
                break;
            }
        }
        sheet
    }

    /// How many rows could be read.
    pub fn len(&self) -> usize {
        self.drafts.len()
    }

    /// Whether no row could be read.
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    fn empty(format: Format, name: &str) -> Self {
        Self { name: name.into(), format, drafts: Vec::new(), mistakes: Mistakes::default(), bytes: 0 }
    }

    pub(crate) fn mistake(&mut self, line: u32, field: &str, message: impl Into<String>) {
        let (file, field, message) = (self.name.to_string(), field.to_owned(), message.into());
        self.mistakes.push(Mistake { file, line, field, message });
    }

    /// Takes a row's request in. What is wrong with it is its mistake; what is wrong with all of them is an error.
    pub(crate) fn add(&mut self, line: u32, text: &str) -> Result<(), Unreadable> {
        if text.len() > MAX_ROW {
            let message = format!("is too long: a row may have {} KiB", MAX_ROW >> 10);
            return Err(Unreadable { line, message });
        }
        match request::normalized(text) {
            Ok(request) => self.push(line, request),
            Err(message) => {
                self.mistake(line, "", message);
                Ok(())
            }
        }
    }

    /// As [`add`](Self::add), with a request that was made from columns.
    pub(crate) fn push(&mut self, line: u32, request: String) -> Result<(), Unreadable> {
        self.bytes += request.len();
        // Small cells below long headers make more of it than the file has.
        if self.drafts.len() == MAX_ROWS || self.bytes > MAX_BYTES {
            let (rows, size) = (MAX_ROWS / 1000, MAX_BYTES >> 20);
            let message =
                format!("is one row too many: there may be {rows},000 of {size} MiB together; split the file");
            return Err(Unreadable { line, message });
        }
        self.drafts.push(Draft { line, request: request.into() });
        Ok(())
    }
}

impl fmt::Debug for Sheet {
    /// Without the rows, which may have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheet").field("name", &self.name).field("rows", &self.drafts.len()).finish_non_exhaustive()
    }
}
