//! Faults of this machine: storage that fails, clocks that are set.

use std::path::PathBuf;
use std::process::Command;

/// Faults of this process, which has a library preloaded.
pub struct Faults(PathBuf);

impl Faults {
    /// Runs a test again in a process of its own that has no home folder, and returns its faults there.
    pub fn of_test(name: &str) -> Option<Self> {
        if let Some(file) = std::env::var_os("FAULTS") {
            return Some(Self(file.into()));
        }
        let folder = std::env::temp_dir().join(format!("ocamba-faults-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let library = folder.join("faults.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/faults.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
        assert!(compiled.expect("cc is installed, or Rust could not link").success());
        let mut test = Command::new(std::env::current_exe().expect("a program"));
        for variable in ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "OCAMBA_RATE_LIMIT_DIR"] {
            test.env_remove(variable);
        }
        test.args(["--exact", name, "--nocapture"]).env("LD_PRELOAD", library).env("FAULTS", folder.join("faults"));
        let output = test.output().expect("started");
        let _ = std::fs::remove_dir_all(folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        None
    }

    /// Sets the faults, as lines of a word and a number.
    pub fn set(&self, faults: &str) {
        // At once: another thread may read them meanwhile.
        let new = self.0.with_extension("new");
        std::fs::write(&new, faults).and_then(|()| std::fs::rename(new, &self.0)).expect("written");
    }

    /// Returns the path of a folder for the test, which is not there yet.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.0.with_file_name(name)
    }
}
