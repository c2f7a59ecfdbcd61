//! The functions of libc that are replaced: files. Those of a world are known by their paths and numbers.
#![expect(unsafe_code, reason = "functions of libc are replaced")]

use std::ffi::CStr;

use libc::{c_char, c_int, c_void, mode_t, size_t, ssize_t};

use super::disk::{self, Disk, Node, Part};
use super::system::{WAITS, within};
use super::{Bug, DISK, KERNEL};

fn fail(error: c_int) -> c_int {
    // SAFETY: this is the thread's own.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// Works with the disks of the world, and returns what libc does.
fn with_disk<T: TryInto<i64>>(work: impl FnOnce(&mut Disk) -> Result<T, c_int>) -> i64 {
    match DISK.with_borrow_mut(work) {
        Ok(done) => done.try_into().unwrap_or(0),
        Err(error) => fail(error).into(),
    }
}

fn status(work: impl FnOnce(&mut Disk) -> Result<(), c_int>) -> c_int {
    with_disk(|disk| work(disk).map(|()| 0)) as c_int
}

/// Returns the error of writing files, after the time that it takes.
fn write_error() -> Option<c_int> {
    KERNEL.with(|kernel| {
        kernel.delay();
        Some(kernel.failure.get().1).filter(|error| *error != 0)
    })
}

fn open_error() -> Option<c_int> {
    KERNEL.with(|kernel| Some(kernel.failure.get().0).filter(|error| *error != 0))
}

fn process() -> u32 {
    KERNEL.with(|kernel| kernel.process.get())
}

/// Returns a path, if it is one of a world.
unsafe fn path<'a>(path: *const c_char) -> Option<&'a [u8]> {
    if path.is_null() {
        return None;
    }
    Some(unsafe { CStr::from_ptr(path) }.to_bytes()).filter(|path| disk::is_path(path))
}

/// Returns the number of a node to this process: SQLite knows the files that its real process has open, by these.
fn inode(number: usize) -> u64 {
    (u64::from(process()) << 32) + number as u64 + 1
}

fn mode(node: &Node) -> u32 {
    if node.is_folder { libc::S_IFDIR | 0o700 } else { libc::S_IFREG | 0o600 }
}

fn stat(found: Result<(usize, &Node), c_int>, out: *mut libc::stat64) -> Result<(), c_int> {
    let (number, node) = found?;
    // SAFETY: all of it are numbers, and the caller gives the place.
    unsafe {
        let mut stat: libc::stat64 = std::mem::zeroed();
        stat.st_dev = KERNEL.with(|kernel| kernel.disk.get());
        stat.st_ino = inode(number);
        stat.st_mode = mode(node);
        stat.st_nlink = 1;
        stat.st_size = node.bytes.len().cast_signed() as i64;
        *out = stat;
    }
    Ok(())
}

fn full_stat(found: Result<(usize, &Node), c_int>, out: *mut libc::statx) -> Result<(), c_int> {
    let (number, node) = found?;
    // SAFETY: as above.
    unsafe {
        let mut stat: libc::statx = std::mem::zeroed();
        stat.stx_mask = libc::STATX_BASIC_STATS;
        stat.stx_dev_minor = KERNEL.with(|kernel| kernel.disk.get()) as u32;
        stat.stx_ino = inode(number);
        stat.stx_mode = mode(node) as u16;
        stat.stx_nlink = 1;
        stat.stx_size = node.bytes.len() as u64;
        *out = stat;
    }
    Ok(())
}

// SAFETY, for all of these: the arguments are passed on as they are, or used as the function of libc does.

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    let Some(name) = (unsafe { path(name) }) else {
        return unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, name, flags, mode) } as c_int;
    };
    match open_error() {
        Some(error) => fail(error),
        None => with_disk(|disk| disk.open(name, flags, process())) as c_int,
    }
}

/// By this name SQLite opens files.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    unsafe { open64(name, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn close(file: c_int) -> c_int {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_close, file) as c_int };
    }
    // The thread may be ending.
    let _ = DISK.try_with(|disk| disk.borrow_mut().close(file));
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn read(file: c_int, bytes: *mut c_void, length: size_t) -> ssize_t {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_read, file, bytes, length) as ssize_t };
    }
    let buffer = unsafe { std::slice::from_raw_parts_mut(bytes.cast::<u8>(), length) };
    with_disk(|disk| disk.read(file, buffer, None)) as ssize_t
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pread64(file: c_int, bytes: *mut c_void, length: size_t, at: libc::off64_t) -> ssize_t {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_pread64, file, bytes, length, at) as ssize_t };
    }
    let buffer = unsafe { std::slice::from_raw_parts_mut(bytes.cast::<u8>(), length) };
    with_disk(|disk| disk.read(file, buffer, usize::try_from(at).ok())) as ssize_t
}

#[unsafe(no_mangle)]
unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_write, file, bytes, length) as ssize_t };
    }
    if file == WAITS {
        return length.cast_signed();
    }
    write_to(file, unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }, None)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(file: c_int, bytes: *const c_void, length: size_t, at: libc::off64_t) -> ssize_t {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_pwrite64, file, bytes, length, at) as ssize_t };
    }
    write_to(file, unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) }, usize::try_from(at).ok())
}

fn write_to(file: c_int, bytes: &[u8], at: Option<usize>) -> ssize_t {
    let error = write_error();
    // Half of it, as a disk that becomes full.
    let bytes = if error.is_some() { &bytes[..bytes.len() / 2] } else { bytes };
    let written = with_disk(|disk| disk.write(file, bytes, at)) as ssize_t;
    error.map_or(written, |error| fail(error) as ssize_t)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lseek64(file: c_int, offset: libc::off64_t, whence: c_int) -> libc::off64_t {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_lseek, file, offset, whence) };
    }
    with_disk(|disk| disk.seek(file, offset, whence))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate64(file: c_int, length: libc::off64_t) -> c_int {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_ftruncate, file, length) as c_int };
    }
    match write_error() {
        Some(error) => fail(error),
        None => status(|disk| disk.truncate(file, usize::try_from(length).map_err(|_| libc::EINVAL)?)),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(file: c_int) -> c_int {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_fsync, file) as c_int };
    }
    match write_error() {
        Some(error) => fail(error),
        None if within(|kernel| kernel.bug.get()) == Some(Bug::SyncsAreMissing) => 0,
        None => status(|disk| disk.sync(file)),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    unsafe { fsync(file) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn flock(file: c_int, operation: c_int) -> c_int {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_flock, file, operation) as c_int };
    }
    match within(|kernel| kernel.bug.get()) {
        Some(Bug::LocksDoNotExclude) => 0,
        _ => status(|disk| disk.lock(file, operation)),
    }
}

/// Locks of parts, and flags of files. What would be further arguments arrives like others on Linux.
#[unsafe(no_mangle)]
unsafe extern "C" fn fcntl64(file: c_int, command: c_int, argument: *mut libc::flock) -> c_int {
    if !disk::is_number(file) {
        return unsafe { libc::syscall(libc::SYS_fcntl, file, command, argument) as c_int };
    }
    if file == WAITS {
        // A copy of it.
        return file;
    }
    if !matches!(command, libc::F_SETLK | libc::F_GETLK) {
        return 0;
    }
    let flock = unsafe { &mut *argument };
    let to = if flock.l_len == 0 { i64::MAX } else { flock.l_start + flock.l_len };
    let is_exclusive = c_int::from(flock.l_type) == libc::F_WRLCK;
    let part = Part { owner: process(), from: flock.l_start, to, is_exclusive };
    match c_int::from(flock.l_type) {
        _ if command == libc::F_GETLK => status(|disk| {
            match disk.conflict(file, part)? {
                Some(other) => flock.l_pid = other.owner.cast_signed(),
                None => flock.l_type = libc::F_UNLCK as i16,
            }
            Ok(())
        }),
        libc::F_UNLCK => status(|disk| disk.unlock_part(file, part)),
        _ => status(|disk| disk.lock_part(file, part)),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fcntl(file: c_int, command: c_int, argument: *mut libc::flock) -> c_int {
    unsafe { fcntl64(file, command, argument) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fchmod(file: c_int, mode: mode_t) -> c_int {
    if disk::is_number(file) { 0 } else { unsafe { libc::syscall(libc::SYS_fchmod, file, mode) as c_int } }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fchown(file: c_int, user: u32, group: u32) -> c_int {
    if disk::is_number(file) { 0 } else { unsafe { libc::syscall(libc::SYS_fchown, file, user, group) as c_int } }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn stat64(name: *const c_char, out: *mut libc::stat64) -> c_int {
    match unsafe { path(name) } {
        Some(name) => status(|disk| stat(disk.named(name), out)),
        None => unsafe { libc::syscall(libc::SYS_newfstatat, libc::AT_FDCWD, name, out, 0) as c_int },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lstat64(name: *const c_char, out: *mut libc::stat64) -> c_int {
    match unsafe { path(name) } {
        Some(name) => status(|disk| stat(disk.named(name), out)),
        None => unsafe {
            libc::syscall(libc::SYS_newfstatat, libc::AT_FDCWD, name, out, libc::AT_SYMLINK_NOFOLLOW) as c_int
        },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fstat64(file: c_int, out: *mut libc::stat64) -> c_int {
    match disk::is_number(file) {
        true => status(|disk| stat(disk.opened(file), out)),
        false => unsafe { libc::syscall(libc::SYS_fstat, file, out) as c_int },
    }
}

/// By this name Rust asks for all that is known of files.
#[unsafe(no_mangle)]
unsafe extern "C" fn statx(
    folder: c_int,
    name: *const c_char,
    flags: c_int,
    mask: u32,
    out: *mut libc::statx,
) -> c_int {
    match unsafe { path(name) } {
        Some(name) => status(|disk| full_stat(disk.named(name), out)),
        None if disk::is_number(folder) => status(|disk| full_stat(disk.opened(folder), out)),
        None => unsafe { libc::syscall(libc::SYS_statx, folder, name, flags, mask, out) as c_int },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn access(name: *const c_char, mode: c_int) -> c_int {
    match unsafe { path(name) } {
        Some(name) => status(|disk| disk.named(name).map(drop)),
        None => unsafe { libc::syscall(libc::SYS_faccessat, libc::AT_FDCWD, name, mode) as c_int },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    let Some(name) = (unsafe { path(name) }) else {
        return unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, name, 0) as c_int };
    };
    write_error().map_or_else(|| status(|disk| disk.remove(name)), fail)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let (Some(from), Some(to)) = (unsafe { path(from) }, unsafe { path(to) }) else {
        return unsafe { libc::syscall(libc::SYS_renameat, libc::AT_FDCWD, from, libc::AT_FDCWD, to) as c_int };
    };
    write_error().map_or_else(|| status(|disk| disk.rename(from, to)), fail)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(name: *const c_char, mode: mode_t) -> c_int {
    let Some(name) = (unsafe { path(name) }) else {
        return unsafe { libc::syscall(libc::SYS_mkdirat, libc::AT_FDCWD, name, mode) as c_int };
    };
    write_error().or_else(open_error).map_or_else(|| status(|disk| disk.create_folder(name)), fail)
}
