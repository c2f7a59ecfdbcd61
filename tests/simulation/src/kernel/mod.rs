//! The operating system of a world: its clocks, processes, random numbers and files.
//!
//! The functions of libc that the code under test calls are replaced in this program ([`system`], [`files`]), so that the code is that of
//! every build. On a thread that is not within a world they are what they always are.

mod disk;
mod files;
mod system;

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use libc::{c_int, clockid_t};

use disk::Disk;

/// What a process sees of the kernel.
struct Kernel {
    is_on: Cell<bool>,
    /// Nanoseconds since the start of the machine, by the clock that nobody sets.
    steady: Cell<u64>,
    /// What the wall clock of each of the clients' machines shows beyond that of the server.
    skews: [Cell<i64>; MACHINES],
    /// How much faster the clocks of each machine go, in millionths.
    drifts: [Cell<i64>; MACHINES],
    /// Whether each process has a machine of its own.
    has_machines: Cell<bool>,
    /// The process that runs; 0 for the server and the network.
    process: Cell<u32>,
    random: Cell<u64>,
    /// Error of opening and of writing files.
    failure: Cell<(c_int, c_int)>,
    /// Time that writing a file takes, and the sum of these times.
    delay: Cell<u64>,
    delayed: Cell<u64>,
    /// Identifies the disks among those of all worlds.
    disk: Cell<u64>,
    bug: Cell<Option<Bug>>,
}

/// A bug that worlds are to find. It is one of the system, so that the code is not built again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bug {
    /// The steady clock of the clients' machine is set with the wall clock.
    SteadyClockIsSet,
    /// Whoever locks a file has the lock, whether another has it or not.
    LocksDoNotExclude,
    /// A loss of power takes what was synced, too.
    SyncsAreMissing,
}

thread_local! {
    static KERNEL: Kernel = const {
        Kernel {
            is_on: Cell::new(false),
            steady: Cell::new(0),
            skews: [const { Cell::new(0) }; MACHINES],
            drifts: [const { Cell::new(0) }; MACHINES],
            has_machines: Cell::new(false),
            process: Cell::new(0),
            random: Cell::new(0),
            failure: Cell::new((0, 0)),
            delay: Cell::new(0),
            delayed: Cell::new(0),
            disk: Cell::new(0),
            bug: Cell::new(None),
        }
    };
    static DISK: RefCell<Disk> = const { RefCell::new(Disk::new()) };
    /// The folder of each machine for what its processes share.
    static FOLDERS: RefCell<Vec<CString>> = const { RefCell::new(Vec::new()) };
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

/// Begins a world on this thread, perhaps with a bug. Each process has a machine of its own, or all the same.
pub fn begin(seed: u64, are_several: bool, bug: Option<Bug>) {
    static WORLDS: AtomicU64 = AtomicU64::new(1);
    KERNEL.with(|kernel| {
        kernel.bug.set(bug);
        kernel.steady.set(START);
        kernel.random.set(seed | 1);
        kernel.disk.set(WORLDS.fetch_add(1, Ordering::Relaxed));
        kernel.has_machines.set(are_several);
        kernel.is_on.set(true);
    });
    DISK.with_borrow_mut(Disk::begin);
    FOLDERS.set((0..MACHINES).map(|machine| CString::new(folder_of(machine)).unwrap_or_default()).collect());
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

/// Returns the folder of a process' machine.
pub fn folder(process: usize) -> String {
    folder_of(KERNEL.with(|kernel| kernel.machine(id(process, 0))))
}

/// Returns the run of a process that is within its own code; 0 for the server, the network and what runs in the background.
pub fn process() -> u32 {
    KERNEL.with(|kernel| kernel.process.get())
}

/// Sets the wall clock of a process' machine forward, or back.
pub fn step_clock(process: usize, milliseconds: i64) {
    KERNEL.with(|kernel| {
        let skew = &kernel.skews[kernel.machine(id(process, 0))];
        skew.set(skew.get() + milliseconds * MILLISECOND.cast_signed());
    });
}

/// Has the clocks of a process' machine go faster from the beginning, in millionths.
pub fn drift_clock(process: usize, millionths: i64) {
    KERNEL.with(|kernel| kernel.drifts[kernel.machine(id(process, 0))].set(millionths));
}

/// Returns how far the clock of a process' machine has gone ahead of the world's; nothing if it is behind.
pub fn ahead(process: usize) -> Duration {
    let ahead = KERNEL.with(|kernel| kernel.ahead(kernel.machine(id(process, 0))));
    Duration::from_nanos(ahead.max(0).unsigned_abs())
}

/// Has clients fail to open files with one error, and to write them with another; 0 for none.
pub fn fail_storage(open: c_int, write: c_int) {
    KERNEL.with(|kernel| kernel.failure.set((open, write)));
}

/// Has each write of a file take this time.
pub fn slow_storage(time: Duration) {
    KERNEL.with(|kernel| kernel.delay.set(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)));
}

/// Returns the time for which the clients have waited for files.
pub fn delayed() -> Duration {
    KERNEL.with(|kernel| Duration::from_nanos(kernel.delayed.get()))
}

/// Removes the folder of a process' machine.
pub fn remove_folder(process: usize) {
    DISK.with_borrow_mut(|disk| disk.remove_folder(folder(process).as_bytes()));
}

/// Ends a process as the kernel does: its files are closed and with them unlocked, and none of its own code runs.
pub fn end_process(process: u32) {
    DISK.with_borrow_mut(|disk| disk.end_process(process));
}

/// Has a child of the process share its open files.
pub fn fork(process: u32) {
    DISK.with_borrow_mut(|disk| disk.fork(process));
}

/// Ends the child of a process.
pub fn end_child(process: u32) {
    DISK.with_borrow_mut(|disk| disk.end_child(process));
}

/// Has the disks lose what was not synced.
pub fn lose_power() {
    DISK.with_borrow_mut(Disk::lose_power);
}

fn folder_of(machine: usize) -> String {
    format!("{}/{machine}", disk::ROOT)
}

impl Kernel {
    fn read(&self, clock: clockid_t) -> Option<u64> {
        if !self.is_on.get() {
            return None;
        }
        let mut steady = self.steady.get() + TICK;
        self.steady.set(steady);
        let mut skew = 0;
        if self.process.get() > 0 {
            let machine = self.machine(self.process.get());
            skew = self.skews[machine].get();
            steady = steady.saturating_add_signed(self.ahead(machine));
        }
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

    /// Returns how far the clock of a machine has gone ahead of the world's, in nanoseconds.
    fn ahead(&self, machine: usize) -> i64 {
        (self.steady.get() - START).cast_signed() / 1_000_000 * self.drifts[machine].get()
    }

    fn machine(&self, process: u32) -> usize {
        if self.has_machines.get() { (process / RUNS) as usize % MACHINES } else { 0 }
    }

    fn pass(&self, nanoseconds: u64) -> bool {
        if self.is_on.get() {
            self.steady.set(self.steady.get() + nanoseconds);
        }
        self.is_on.get()
    }

    /// Lets the time of a write pass.
    fn delay(&self) {
        self.delayed.set(self.delayed.get() + self.delay.get());
        self.pass(self.delay.get());
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
