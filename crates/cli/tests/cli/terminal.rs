//! Commands on terminals: `script` of Debian's bsdutils gives them one.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::support::CANARY;

/// A command on a terminal of its own.
pub struct Terminal {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    shown: String,
    /// Length of what was shown before the last answer.
    answered: usize,
}

impl Terminal {
    /// Starts a command.
    pub fn start(program: &Command) -> Self {
        let mut words = vec![program.get_program().to_string_lossy().into_owned()];
        words.extend(program.get_args().map(|word| format!("'{}'", word.to_string_lossy())));
        let mut command = Command::new("script");
        command.args(["-qec", &words.join(" "), "/dev/null"]);
        program.get_current_dir().into_iter().for_each(|folder| _ = command.current_dir(folder));
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script starts");
        let (stdin, stdout) = (child.stdin.take().expect("stdin"), child.stdout.take().expect("stdout"));
        Self { child, stdin, stdout, shown: String::new(), answered: 0 }
    }

    /// Waits for a question, and types an answer.
    pub fn answer(&mut self, question: &str, answer: &str) {
        let is_asked = |line: &str| line.contains(question) && line.trim_end().ends_with(':');
        self.wait_for(question, |shown| shown.lines().last().is_some_and(is_asked));
        self.stdin.write_all(answer.as_bytes()).expect("typed");
    }

    /// Waits until what is shown since the last wait is as wanted.
    pub fn wait_for(&mut self, what: &str, is_shown: impl Fn(&str) -> bool) {
        while !is_shown(&self.shown[self.answered..]) {
            let mut bytes = [0; 1024];
            let length = self.stdout.read(&mut bytes).expect("output");
            assert!(length > 0, "{what} does not come: {}", self.shown);
            self.shown += &String::from_utf8_lossy(&bytes[..length]);
        }
        self.answered = self.shown.len();
    }

    /// Waits for the end. Returns the exit code, and what the terminal showed.
    pub fn end(mut self) -> (i32, String) {
        drop(self.stdin);
        self.stdout.read_to_string(&mut self.shown).expect("output");
        assert!(!self.shown.contains(CANARY), "{}", self.shown);
        (self.child.wait().expect("an end").code().expect("an exit code"), self.shown)
    }
}

/// Runs a command on a terminal of its own, on which this is typed. Returns its exit code, and what the terminal showed.
pub fn run_on_terminal(program: &Command, typed: &str) -> (i32, String) {
    let mut terminal = Terminal::start(program);
    // It may fail before it has read all.
    let _ = terminal.stdin.write_all(typed.as_bytes());
    terminal.end()
}
