//! The operating system of a world: its clocks, processes, random numbers and the errors of its files.
//!
//! The functions of libc that the code under test calls are replaced in this program, so that the code is that of every
//! build. On a thread that is not within a world they are what they always are.
#![expect(unsafe_code, reason = "functions of libc are replaced")]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use libc::{c_char, c_int, c_void, clockid_t, mode_t, size_t, ssize_t, timespec};

/// What a process sees of the kernel.
struct Kernel {
    is_on: Cell<bool>,
    /// Nanoseconds since the start of the machine, by the clock that nobody sets.
    steady: Cell<u64>,
    /// What the wall clock of each of the clients' machines shows beyond that of the server.
    skews: [Cell<i64>; MACHINES],
    /// Whether each process has a machine of its own.
    has_machines: Cell<bool>,
    /// The process that runs; 0 for the server and the network.
    process: Cell<u32>,
    random: Cell<u64>,
    /// Error of opening and of writing files.
    failure: Cell<(c_int, c_int)>,
    bug: Cell<Option<Bug>>,
}

/// A bug that worlds are to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bug {
    /// The steady clock of the clients' machine is set with the wall clock.
    SteadyClockIsSet,
    /// Whoever locks a file has the lock, whether another has it or not.
    LocksDoNotExclude,
    /// The doubts that a process has written are lost when it is killed.
    WritesAreLost,
}

/// An open file.
struct File {
    number: c_int,
    owner: u32,
    path: CString,
}

thread_local! {
    static KERNEL: Kernel = const {
        Kernel {
            is_on: Cell::new(false),
            steady: Cell::new(0),
            skews: [const { Cell::new(0) }; MACHINES],
            has_machines: Cell::new(false),
            process: Cell::new(0),
            random: Cell::new(0),
            failure: Cell::new((0, 0)),
            bug: Cell::new(None),
        }
    };
    /// The folder of each machine for what its processes share.
    static FOLDERS: RefCell<Vec<CString>> = const { RefCell::new(Vec::new()) };
    /// The open files of the processes.
    static FILES: RefCell<Vec<File>> = const { RefCell::new(Vec::new()) };
    /// What the processes have written: to which file, and its size before.
    static WRITES: RefCell<Vec<(u32, CString, libc::off_t)>> = const { RefCell::new(Vec::new()) };
}

/// Maximum number of machines.
pub const MACHINES: usize = 8;
/// The runs of a process have numbers from this times its own, and those of the first are not 0.
const RUNS: u32 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;
/// Time of the steady clock at which worlds begin.
const START: u64 = 1_000_000 * SECOND;
/// Wall time at the start of the steady clock.
const WALL: u64 = 1_760_000_000 * SECOND;
/// Time that passes when a clock is read, so that whoever waits without a pause comes to an end.
const TICK: u64 = 200;

/// Begins a world on this thread, perhaps with a bug.
pub fn begin(seed: u64, bug: Option<Bug>) {
    KERNEL.with(|kernel| {
        kernel.bug.set(bug);
        kernel.steady.set(START);
        kernel.random.set(seed | 1);
        kernel.is_on.set(true);
    });
}

/// Returns the time since the world began.
pub fn time() -> Duration {
    KERNEL.with(|kernel| Duration::from_nanos(kernel.steady.get() - START))
}

/// Has a process run, and returns the one that ran.
pub fn switch(process: u32) -> u32 {
    KERNEL.with(|kernel| kernel.process.replace(process))
}

/// Returns the id of a run of a process.
pub fn id(process: usize, run: u32) -> u32 {
    (u32::try_from(process).unwrap_or_default() + 1) * RUNS + run
}

/// Gives each process a machine of its own, or all the same, with a folder each.
pub fn have_machines(are_several: bool, folders: Vec<CString>) {
    KERNEL.with(|kernel| kernel.has_machines.set(are_several));
    FOLDERS.set(folders);
}

/// Returns the folder of a process' machine.
pub fn folder(process: usize) -> PathBuf {
    let machine = KERNEL.with(|kernel| kernel.machine(id(process, 0)));
    FOLDERS.with_borrow(|folders| PathBuf::from(OsStr::from_bytes(folders[machine].as_bytes())))
}

/// Returns the run of a process that is within its own code; 0 for the server, the network and what runs in the background.
pub fn process() -> u32 {
    KERNEL.with(|kernel| kernel.process.get())
}

/// Sets the wall clock of a process' machine forward, or back.
pub fn step_clock(process: usize, milliseconds: i64) {
    KERNEL.with(|kernel| {
        let skew = kernel.skew(id(process, 0));
        skew.set(skew.get() + milliseconds * MILLISECOND.cast_signed());
    });
}

/// Has clients fail to open files with one error, and to write them with another; 0 for none.
pub fn fail_storage(open: c_int, write: c_int) {
    KERNEL.with(|kernel| kernel.failure.set((open, write)));
}

/// Ends a process as the kernel does: its files are closed and with them unlocked, and none of its own code runs.
pub fn end_process(process: u32) {
    FILES.with_borrow_mut(|files| {
        files.retain(|file| {
            if file.owner == process {
                // SAFETY: the number is that of an open file, and its owner is never polled or dropped again.
                unsafe { libc::syscall(libc::SYS_close, file.number) };
            }
            file.owner != process
        });
    });
    let lost = WRITES.take().into_iter().filter(|(owner, ..)| *owner == process);
    for (_, path, size) in lost.collect::<Vec<_>>().into_iter().rev() {
        // SAFETY: the path is a text that lives until then.
        unsafe { libc::truncate(path.as_ptr(), size) };
    }
}

impl Kernel {
    fn read(&self, clock: clockid_t) -> Option<u64> {
        if !self.is_on.get() {
            return None;
        }
        let steady = self.steady.get() + TICK;
        self.steady.set(steady);
        let skew = if self.process.get() == 0 { 0 } else { self.skew(self.process.get()).get() };
        match clock {
            libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => Some((WALL + steady).saturating_add_signed(skew)),
            libc::CLOCK_BOOTTIME if self.bug.get() == Some(Bug::SteadyClockIsSet) => {
                Some(steady.saturating_add_signed(skew))
            }
            libc::CLOCK_MONOTONIC | libc::CLOCK_MONOTONIC_COARSE | libc::CLOCK_MONOTONIC_RAW | libc::CLOCK_BOOTTIME => {
                Some(steady)
            }
            _ => None,
        }
    }

    fn machine(&self, process: u32) -> usize {
        if self.has_machines.get() { (process / RUNS) as usize % MACHINES } else { 0 }
    }

    fn skew(&self, process: u32) -> &Cell<i64> {
        &self.skews[self.machine(process)]
    }

    fn pass(&self, nanoseconds: u64) -> bool {
        if self.is_on.get() {
            self.steady.set(self.steady.get() + nanoseconds);
        }
        self.is_on.get()
    }

    fn next_random(&self) -> u64 {
        let mut random = self.random.get();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        self.random.set(random);
        random
    }
}

fn within<T>(work: impl FnOnce(&Kernel) -> Option<T>) -> Option<T> {
    KERNEL.with(|kernel| if kernel.is_on.get() { work(kernel) } else { None })
}

fn nanoseconds(time: &timespec) -> u64 {
    time.tv_sec.cast_unsigned() * SECOND + time.tv_nsec.cast_unsigned()
}

/// Notes that a process is about to write to a file of doubts.
fn note_write(number: c_int) {
    let file = FILES.with_borrow(|files| {
        let file = files.iter().find(|file| file.number == number)?;
        let is_doubts = file.path.to_string_lossy().contains("/doubts-");
        is_doubts.then(|| (file.owner, file.path.clone()))
    });
    if let Some((owner, path)) = file {
        // SAFETY: the number is that of an open file.
        let size = unsafe { libc::lseek(number, 0, libc::SEEK_CUR) };
        // A new file is written by another name.
        let path = CString::new(path.to_string_lossy().trim_end_matches(".new")).unwrap_or_default();
        WRITES.with_borrow_mut(|writes| writes.push((owner, path, size)));
    }
}

fn fail(error: c_int) -> c_int {
    // SAFETY: this is the thread's own.
    unsafe { *libc::__errno_location() = error };
    -1
}

// SAFETY, for all of these: the arguments are passed on as they are, or used as the function of libc does.

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    let Some(now) = KERNEL.with(|kernel| kernel.read(clock)) else {
        return unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) } as c_int;
    };
    unsafe { *time = timespec { tv_sec: (now / SECOND).cast_signed(), tv_nsec: (now % SECOND).cast_signed() } };
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_nanosleep(
    clock: clockid_t,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    let passed = within(|kernel| {
        let time = nanoseconds(unsafe { &*time });
        let is_absolute = flags & libc::TIMER_ABSTIME != 0;
        Some(kernel.pass(if is_absolute { time.saturating_sub(kernel.steady.get()) } else { time }))
    });
    match passed {
        Some(_) => 0,
        None => unsafe { libc::syscall(libc::SYS_clock_nanosleep, clock, flags, time, left) as c_int },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nanosleep(time: *const timespec, left: *mut timespec) -> c_int {
    match within(|kernel| Some(kernel.pass(nanoseconds(unsafe { &*time })))) {
        Some(_) => 0,
        None => unsafe { libc::syscall(libc::SYS_nanosleep, time, left) as c_int },
    }
}

/// A world that waits lets the time pass.
#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_wait(poll: c_int, events: *mut libc::epoll_event, most: c_int, timeout: c_int) -> c_int {
    let is_within = KERNEL.with(|kernel| kernel.pass(u64::try_from(timeout).unwrap_or(0) * MILLISECOND));
    let timeout = if is_within { 0 } else { timeout };
    let (none, size) = (std::ptr::null::<c_void>(), 8_usize);
    unsafe { libc::syscall(libc::SYS_epoll_pwait, poll, events, most, timeout, none, size) as c_int }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: size_t, flags: u32) -> ssize_t {
    let filled = within(|kernel| {
        let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
        bytes.iter_mut().for_each(|byte| *byte = (kernel.next_random() >> 32) as u8);
        Some(length.cast_signed())
    });
    filled.unwrap_or_else(|| unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) } as ssize_t)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn getpid() -> libc::pid_t {
    let process = within(|kernel| Some(kernel.process.get()).filter(|process| *process > 0));
    process.map_or_else(|| unsafe { libc::syscall(libc::SYS_getpid) } as libc::pid_t, u32::cast_signed)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    let process = within(|kernel| Some(kernel.process.get()).filter(|process| *process > 0));
    if let Some(error) =
        process.and_then(|_| KERNEL.with(|kernel| Some(kernel.failure.get().0).filter(|error| *error != 0)))
    {
        return fail(error);
    }
    let file = unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) } as c_int;
    if let Some(process) = process.filter(|_| file >= 0) {
        let path = unsafe { CStr::from_ptr(path) }.to_owned();
        FILES.with_borrow_mut(|files| files.push(File { number: file, owner: process, path }));
    }
    file
}

/// By this name SQLite opens files.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    unsafe { open64(path, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn close(file: c_int) -> c_int {
    // The thread may be ending.
    let _ = FILES.try_with(|files| files.borrow_mut().retain(|other| other.number != file));
    unsafe { libc::syscall(libc::SYS_close, file) as c_int }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    let is_file = || FILES.with_borrow(|files| files.iter().any(|open| open.number == file));
    let fails = |kernel: &Kernel| kernel.failure.get().1 != 0 && kernel.process.get() > 0 && is_file();
    let error = within(|kernel| fails(kernel).then(|| kernel.failure.get().1)).unwrap_or(0);
    if within(|kernel| kernel.bug.get()) == Some(Bug::WritesAreLost) {
        note_write(file);
    }
    if error == 0 || length == 0 {
        return unsafe { libc::syscall(libc::SYS_write, file, bytes, length) as ssize_t };
    }
    // Half of it, as a disk that becomes full.
    unsafe { libc::syscall(libc::SYS_write, file, bytes, length / 2) };
    fail(error) as ssize_t
}

#[unsafe(no_mangle)]
unsafe extern "C" fn flock(file: c_int, operation: c_int) -> c_int {
    match within(|kernel| kernel.bug.get()) {
        Some(Bug::LocksDoNotExclude) => 0,
        _ => unsafe { libc::syscall(libc::SYS_flock, file, operation) as c_int },
    }
}

/// A process of a world has one variable, which names its folder.
#[unsafe(no_mangle)]
unsafe extern "C" fn getenv(name: *const c_char) -> *const c_char {
    let wanted = unsafe { CStr::from_ptr(name) }.to_bytes();
    let machine = within(|kernel| (kernel.process.get() > 0).then(|| kernel.machine(kernel.process.get())));
    if let Some(machine) = machine {
        let folder = FOLDERS.with_borrow(|folders| folders.get(machine).map(|folder| folder.as_ptr()));
        return folder.filter(|_| wanted == b"OCAMBA_RATE_LIMIT_DIR").unwrap_or(std::ptr::null());
    }
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    let mut next = unsafe { environ };
    while !next.is_null() && !unsafe { *next }.is_null() {
        let line = unsafe { CStr::from_ptr(*next) }.to_bytes();
        if line.strip_prefix(wanted).is_some_and(|rest| rest.first() == Some(&b'=')) {
            return unsafe { (*next).add(wanted.len() + 1) };
        }
        next = unsafe { next.add(1) };
    }
    std::ptr::null()
}
