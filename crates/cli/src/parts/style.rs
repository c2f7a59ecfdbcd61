//! Styles of results on terminals.

use anstyle::{AnsiColor, Style};

pub const HEADER: Style = AnsiColor::Green.on_default().bold();
pub const DONE: Style = AnsiColor::Green.on_default().bold();
pub const BOLD: Style = Style::new().bold();
pub const NAME: Style = AnsiColor::Cyan.on_default();
pub const ATTENTION: Style = AnsiColor::Yellow.on_default();
pub const DIM: Style = Style::new().dimmed();
