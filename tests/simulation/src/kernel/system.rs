//! The functions of libc that are replaced: time, waits, random numbers, and what a process knows of itself.
#![expect(unsafe_code, reason = "functions of libc are replaced")]

use std::ffi::CStr;

use libc::{c_char, c_int, c_void, clockid_t, size_t, ssize_t, timespec};

use super::{FOLDERS, KERNEL, Kernel, MILLISECOND, SECOND};

/// The number of what worlds wait with.
pub const WAITS: c_int = c_int::MAX;

/// Works with the kernel of a world; none outside of one.
pub fn within<T>(work: impl FnOnce(&Kernel) -> Option<T>) -> Option<T> {
    KERNEL.with(|kernel| if kernel.is_on.get() { work(kernel) } else { None })
}

fn nanoseconds(time: &timespec) -> u64 {
    time.tv_sec.cast_unsigned() * SECOND + time.tv_nsec.cast_unsigned()
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

/// Within a world no file of the real system is waited for, so that what waits needs no real one.
#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_create1(flags: c_int) -> c_int {
    let number = within(|_| Some(WAITS));
    number.unwrap_or_else(|| unsafe { libc::syscall(libc::SYS_epoll_create1, flags) as c_int })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_ctl(poll: c_int, operation: c_int, file: c_int, event: *mut libc::epoll_event) -> c_int {
    if poll == WAITS { 0 } else { unsafe { libc::syscall(libc::SYS_epoll_ctl, poll, operation, file, event) as c_int } }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn eventfd(value: u32, flags: c_int) -> c_int {
    let number = within(|_| Some(WAITS));
    number.unwrap_or_else(|| unsafe { libc::syscall(libc::SYS_eventfd2, value, flags) as c_int })
}

/// A world that waits lets the time pass.
#[unsafe(no_mangle)]
unsafe extern "C" fn epoll_wait(poll: c_int, events: *mut libc::epoll_event, most: c_int, timeout: c_int) -> c_int {
    if poll == WAITS {
        KERNEL.with(|kernel| kernel.pass(u64::try_from(timeout).unwrap_or(0) * MILLISECOND));
        return 0;
    }
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
