//! The operating system of a world: its clocks, processes, random numbers and the errors of its files.
//!
//! The functions of libc that the code under test calls are replaced in this program, so that the code is that of every
//! build. On a thread that is not within a world they are what they always are.
#![expect(unsafe_code, reason = "functions of libc are replaced")]

use std::cell::{Cell, RefCell};
use std::time::Duration;

use libc::{c_char, c_int, c_void, clockid_t, mode_t, size_t, ssize_t, timespec};

/// What a process sees of the kernel.
struct Kernel {
    is_on: Cell<bool>,
    /// Nanoseconds since the start of the machine, by the clock that nobody sets.
    steady: Cell<u64>,
    /// What the wall clock of the clients' machine shows beyond that of the server.
    skew: Cell<i64>,
    /// The process that runs; 0 for the server and the network.
    process: Cell<u32>,
    random: Cell<u64>,
    /// Error of opening and of writing files.
    failure: Cell<(c_int, c_int)>,
    /// Factor by which the steady clock of clients is wrong after a step, as a bug to find.
    follows_steps: Cell<bool>,
}

thread_local! {
    static KERNEL: Kernel = const {
        Kernel {
            is_on: Cell::new(false),
            steady: Cell::new(0),
            skew: Cell::new(0),
            process: Cell::new(0),
            random: Cell::new(0),
            failure: Cell::new((0, 0)),
            follows_steps: Cell::new(false),
        }
    };
    /// The open files of each process.
    static FILES: RefCell<Vec<(c_int, u32)>> = const { RefCell::new(Vec::new()) };
}

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;
/// Time of the steady clock at which worlds begin.
const START: u64 = 1_000_000 * SECOND;
/// Wall time at the start of the steady clock.
const WALL: u64 = 1_760_000_000 * SECOND;
/// Time that passes when a clock is read, so that whoever waits without a pause comes to an end.
const TICK: u64 = 200;

/// Begins a world on this thread.
pub fn begin(seed: u64) {
    KERNEL.with(|kernel| {
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

/// Sets the wall clock of the clients' machine forward, or back.
pub fn step_clock(milliseconds: i64) {
    KERNEL.with(|kernel| kernel.skew.set(kernel.skew.get() + milliseconds * MILLISECOND.cast_signed()));
}

/// Lets the clients' steady clock follow the steps of the wall clock: a bug to find.
pub fn follow_steps() {
    KERNEL.with(|kernel| kernel.follows_steps.set(true));
}

/// Has clients fail to open files with one error, and to write them with another; 0 for none.
pub fn fail_storage(open: c_int, write: c_int) {
    KERNEL.with(|kernel| kernel.failure.set((open, write)));
}

/// Ends a process as the kernel does: its files are closed and with them unlocked, and none of its own code runs.
pub fn end_process(process: u32) {
    FILES.with_borrow_mut(|files| {
        files.retain(|(file, owner)| {
            if *owner == process {
                // SAFETY: the number is that of an open file, and its owner is never polled or dropped again.
                unsafe { libc::syscall(libc::SYS_close, *file) };
            }
            *owner != process
        });
    });
}

impl Kernel {
    fn read(&self, clock: clockid_t) -> Option<u64> {
        if !self.is_on.get() {
            return None;
        }
        let steady = self.steady.get() + TICK;
        self.steady.set(steady);
        let skew = if self.process.get() == 0 { 0 } else { self.skew.get() };
        match clock {
            libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => Some((WALL + steady).saturating_add_signed(skew)),
            libc::CLOCK_BOOTTIME if self.follows_steps.get() => Some(steady.saturating_add_signed(skew)),
            libc::CLOCK_MONOTONIC | libc::CLOCK_MONOTONIC_COARSE | libc::CLOCK_MONOTONIC_RAW | libc::CLOCK_BOOTTIME => {
                Some(steady)
            }
            _ => None,
        }
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
unsafe extern "C" fn clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int {
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
    if let Some(error) = process.and_then(|_| KERNEL.with(|kernel| Some(kernel.failure.get().0).filter(|error| *error != 0))) {
        return fail(error);
    }
    let file = unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) } as c_int;
    if let Some(process) = process.filter(|_| file >= 0) {
        FILES.with_borrow_mut(|files| files.push((file, process)));
    }
    file
}

#[unsafe(no_mangle)]
unsafe extern "C" fn close(file: c_int) -> c_int {
    // The thread may be ending.
    let _ = FILES.try_with(|files| files.borrow_mut().retain(|(other, _)| *other != file));
    unsafe { libc::syscall(libc::SYS_close, file) as c_int }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    let error = within(|kernel| (kernel.process.get() > 0).then(|| kernel.failure.get().1)).unwrap_or(0);
    if error == 0 || length == 0 {
        return unsafe { libc::syscall(libc::SYS_write, file, bytes, length) as ssize_t };
    }
    // Half of it, as a disk that becomes full.
    unsafe { libc::syscall(libc::SYS_write, file, bytes, length / 2) };
    fail(error) as ssize_t
}
