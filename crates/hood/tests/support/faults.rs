//! Faults of this machine: storage that fails, clocks that are set, names with other addresses.
#![allow(dead_code)] // each test file uses a part

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Numbers of the system's errors: for permissions, too many open files, a full disk, a broken one, and so on.
pub const EIO: i32 = 5;
pub const EACCES: i32 = 13;
pub const EMFILE: i32 = 24;
pub const EFBIG: i32 = 27;
pub const ENOSPC: i32 = 28;
pub const EROFS: i32 = 30;
pub const ENOLCK: i32 = 37;

/// Faults of this process, which has a library preloaded.
pub struct Faults(PathBuf);

impl Faults {
    /// Runs a test again in a process of its own that has no home folder, and returns its faults there.
    pub fn of_test(name: &str) -> Option<Self> {
        if let Some(file) = std::env::var_os("FAULTS") {
            return Some(Self(file.into()));
        }
        // A colon would separate two libraries.
        let of_test = name.replace("::", "-");
        let folder = std::env::temp_dir().join(format!("ocamba-faults-{}-{of_test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut test = Command::new(std::env::current_exe().expect("a program"));
        for variable in ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "OCAMBA_RATE_LIMIT_DIR"] {
            test.env_remove(variable);
        }
        test.args(["--exact", name, "--nocapture"]).env("LD_PRELOAD", library(&folder));
        test.env("FAULTS", folder.join("faults")).env("FAULTS_BELOW", folder.join("files/"));
        let output = test.output().expect("started");
        let _ = std::fs::remove_dir_all(folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        None
    }

    /// Sets the faults, as lines of a word and numbers. Calls are counted from now on.
    pub fn set(&self, faults: &str) {
        static SETS: AtomicU32 = AtomicU32::new(0);
        let text = format!("set {}\n{faults}", SETS.fetch_add(1, Ordering::Relaxed));
        // At once: another thread may read them meanwhile.
        let new = self.0.with_extension("new");
        std::fs::write(&new, text).and_then(|()| std::fs::rename(new, &self.0)).expect("written");
    }

    /// Returns true if a call has failed since the last time, and ends the faults.
    pub fn take_hit(&self) -> bool {
        self.set("");
        std::fs::remove_file(self.0.with_extension("hit")).is_ok()
    }

    /// Returns the path of a folder for the test, which is not there yet and whose files fail.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.0.with_file_name("files").join(name)
    }
}

/// Compiles the library.
pub fn library(folder: &Path) -> PathBuf {
    static COMPILATIONS: AtomicU32 = AtomicU32::new(0);
    let library = folder.join("faults.so");
    // Another test may be using it.
    let new = folder.join(format!("faults-{}-{}", std::process::id(), COMPILATIONS.fetch_add(1, Ordering::Relaxed)));
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-x", "c", "-", "-ldl", "-o"]).arg(&new).stdin(Stdio::piped());
    let mut compiler = compiler.spawn().expect("cc is installed, or Rust could not link");
    let source = include_bytes!("faults.c");
    compiler.stdin.take().expect("a pipe").write_all(source).expect("written");
    assert!(compiler.wait().expect("waited").success());
    std::fs::rename(new, &library).expect("renamed");
    library
}
