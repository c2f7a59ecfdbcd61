//! The files of the clients' machines: in memory, with what was synced of each.
//!
//! Errors are those of the system, as numbers. Folders are not listed: what the clients remove after a day is older than a world.

use std::collections::BTreeMap;

use libc::{EBADF, EEXIST, EISDIR, ENOENT, ENOTDIR, EWOULDBLOCK, c_int};

/// The folder below which all paths are those of a world.
pub const ROOT: &str = "/world";
/// The lowest number of an open file. Those of the real system are lower.
const FIRST: c_int = 1 << 24;

/// The disks of all machines.
pub struct Disk {
    nodes: Vec<Node>,
    names: BTreeMap<Vec<u8>, usize>,
    opened: BTreeMap<c_int, Open>,
    next: c_int,
}

/// What a name leads to.
#[derive(Default)]
pub struct Node {
    pub is_folder: bool,
    pub bytes: Vec<u8>,
    /// What survives a loss of power.
    synced: Vec<u8>,
    /// The open file that has locked it, by `flock`.
    locked_by: Option<c_int>,
    /// Locks of parts, by `fcntl`.
    parts: Vec<Part>,
}

/// A part of a file that a process has locked.
#[derive(Clone, Copy)]
pub struct Part {
    pub owner: u32,
    pub from: i64,
    pub to: i64,
    pub is_exclusive: bool,
}

struct Open {
    node: usize,
    position: usize,
    owner: u32,
    /// Whether a child of the process has it open, too.
    has_child: bool,
    /// Whether the process itself has closed it.
    is_closed: bool,
}

type Result<T> = std::result::Result<T, c_int>;

/// Returns whether an open file is one of a world.
pub fn is_number(file: c_int) -> bool {
    file >= FIRST
}

/// Returns whether a path is one of a world.
pub fn is_path(path: &[u8]) -> bool {
    is_within(path, ROOT.as_bytes())
}

/// Returns whether a path is that of a folder, or of something in it.
fn is_within(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

impl Disk {
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), names: BTreeMap::new(), opened: BTreeMap::new(), next: FIRST }
    }

    /// Empties the disks.
    pub fn begin(&mut self) {
        *self = Self::new();
        self.add(ROOT.as_bytes(), true);
    }

    pub fn open(&mut self, path: &[u8], flags: c_int, owner: u32) -> Result<c_int> {
        let node = match self.names.get(path) {
            Some(_) if flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0 => return Err(EEXIST),
            Some(node) => *node,
            None if flags & libc::O_CREAT == 0 => return Err(ENOENT),
            None => {
                self.check_parent(path)?;
                self.add(path, false)
            }
        };
        if self.nodes[node].is_folder && flags & libc::O_ACCMODE != libc::O_RDONLY {
            return Err(EISDIR);
        }
        if flags & libc::O_TRUNC != 0 {
            self.nodes[node].bytes.clear();
        }
        self.next += 1;
        self.opened.insert(self.next, Open { node, position: 0, owner, has_child: false, is_closed: false });
        Ok(self.next)
    }

    pub fn close(&mut self, file: c_int) {
        let Some(open) = self.opened.get_mut(&file) else { return };
        let (node, owner) = (open.node, open.owner);
        open.is_closed = true;
        if !open.has_child {
            self.opened.remove(&file);
            self.nodes[node].locked_by.take_if(|by| *by == file);
        }
        self.nodes[node].parts.retain(|part| part.owner != owner);
    }

    /// Reads at a position, or at that of the file.
    pub fn read(&mut self, file: c_int, buffer: &mut [u8], at: Option<usize>) -> Result<usize> {
        let open = self.opened.get_mut(&file).ok_or(EBADF)?;
        let bytes = &self.nodes[open.node].bytes;
        let rest = bytes.get(at.unwrap_or(open.position)..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        if at.is_none() {
            open.position += length;
        }
        Ok(length)
    }

    /// Writes at a position, or at that of the file.
    pub fn write(&mut self, file: c_int, new: &[u8], at: Option<usize>) -> Result<usize> {
        let open = self.opened.get_mut(&file).ok_or(EBADF)?;
        let bytes = &mut self.nodes[open.node].bytes;
        let from = at.unwrap_or(open.position);
        if bytes.len() < from + new.len() {
            bytes.resize(from + new.len(), 0);
        }
        bytes[from..from + new.len()].copy_from_slice(new);
        if at.is_none() {
            open.position += new.len();
        }
        Ok(new.len())
    }

    pub fn seek(&mut self, file: c_int, offset: i64, whence: c_int) -> Result<i64> {
        let open = self.opened.get_mut(&file).ok_or(EBADF)?;
        let base = match whence {
            libc::SEEK_SET => 0,
            libc::SEEK_CUR => open.position,
            _ => self.nodes[open.node].bytes.len(),
        };
        let position = i64::try_from(base).unwrap_or(i64::MAX) + offset;
        open.position = usize::try_from(position).map_err(|_| libc::EINVAL)?;
        Ok(position)
    }

    pub fn truncate(&mut self, file: c_int, length: usize) -> Result<()> {
        let node = self.node_of(file)?;
        self.nodes[node].bytes.resize(length, 0);
        Ok(())
    }

    pub fn sync(&mut self, file: c_int) -> Result<()> {
        let node = self.node_of(file)?;
        let node = &mut self.nodes[node];
        node.synced.clone_from(&node.bytes);
        Ok(())
    }

    /// Returns the number of what a name leads to, and that.
    pub fn named(&self, path: &[u8]) -> Result<(usize, &Node)> {
        let node = *self.names.get(path).ok_or(ENOENT)?;
        Ok((node, &self.nodes[node]))
    }

    /// Returns the number of what is open, and that.
    pub fn opened(&self, file: c_int) -> Result<(usize, &Node)> {
        let node = self.node_of(file)?;
        Ok((node, &self.nodes[node]))
    }

    /// Locks or unlocks a file, as `flock` without a wait.
    pub fn lock(&mut self, file: c_int, operation: c_int) -> Result<()> {
        let node = self.node_of(file)?;
        let locked_by = &mut self.nodes[node].locked_by;
        match *locked_by {
            Some(other) if other != file && operation & libc::LOCK_UN == 0 => return Err(EWOULDBLOCK),
            Some(other) if other != file => {}
            _ if operation & libc::LOCK_UN != 0 => *locked_by = None,
            _ => *locked_by = Some(file),
        }
        Ok(())
    }

    /// Locks a part of a file for its process, as `fcntl`.
    pub fn lock_part(&mut self, file: c_int, part: Part) -> Result<()> {
        if self.conflict(file, part)?.is_some() {
            return Err(libc::EAGAIN);
        }
        self.unlock_part(file, part)?;
        let node = self.node_of(file)?;
        self.nodes[node].parts.push(part);
        Ok(())
    }

    pub fn unlock_part(&mut self, file: c_int, range: Part) -> Result<()> {
        let node = self.node_of(file)?;
        let parts = &mut self.nodes[node].parts;
        for part in std::mem::take(parts) {
            if part.owner != range.owner || part.to <= range.from || range.to <= part.from {
                parts.push(part);
                continue;
            }
            let rests = [Part { to: range.from, ..part }, Part { from: range.to, ..part }];
            parts.extend(rests.into_iter().filter(|rest| rest.from < rest.to));
        }
        Ok(())
    }

    /// Returns a lock of another process that excludes this one.
    pub fn conflict(&self, file: c_int, part: Part) -> Result<Option<Part>> {
        let node = self.node_of(file)?;
        let excludes = |other: &&Part| {
            let overlaps = other.from < part.to && part.from < other.to;
            other.owner != part.owner && overlaps && (other.is_exclusive || part.is_exclusive)
        };
        Ok(self.nodes[node].parts.iter().find(excludes).copied())
    }

    pub fn remove(&mut self, path: &[u8]) -> Result<()> {
        self.names.remove(path).map(drop).ok_or(ENOENT)
    }

    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        self.check_parent(to)?;
        let node = self.names.remove(from).ok_or(ENOENT)?;
        self.names.insert(to.to_vec(), node);
        Ok(())
    }

    pub fn create_folder(&mut self, path: &[u8]) -> Result<()> {
        self.check_parent(path)?;
        if self.names.contains_key(path) {
            return Err(EEXIST);
        }
        self.add(path, true);
        Ok(())
    }

    /// Removes a folder with all that is in it.
    pub fn remove_folder(&mut self, folder: &[u8]) {
        self.names.retain(|path, _| !is_within(path, folder));
    }

    /// Has a child of the process share its open files, with their locks.
    pub fn fork(&mut self, owner: u32) {
        self.opened.values_mut().filter(|open| open.owner == owner).for_each(|open| open.has_child = true);
    }

    /// Ends the child of a process.
    pub fn end_child(&mut self, owner: u32) {
        for (file, is_closed) in self.numbers(owner) {
            self.opened.entry(file).and_modify(|open| open.has_child = false);
            if is_closed {
                self.close(file);
            }
        }
    }

    /// Closes the files of a process.
    pub fn end_process(&mut self, owner: u32) {
        self.numbers(owner).into_iter().for_each(|(file, _)| self.close(file));
    }

    /// Loses what was not synced.
    pub fn lose_power(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.bytes.clone_from(&node.synced));
    }

    fn numbers(&self, owner: u32) -> Vec<(c_int, bool)> {
        let own = self.opened.iter().filter(|(_, open)| open.owner == owner);
        own.map(|(file, open)| (*file, open.is_closed)).collect()
    }

    fn node_of(&self, file: c_int) -> Result<usize> {
        self.opened.get(&file).map(|open| open.node).ok_or(EBADF)
    }

    fn add(&mut self, path: &[u8], is_folder: bool) -> usize {
        self.nodes.push(Node { is_folder, ..Node::default() });
        self.names.insert(path.to_vec(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    fn check_parent(&self, path: &[u8]) -> Result<()> {
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let (_, parent) = self.named(&path[..end])?;
        if parent.is_folder { Ok(()) } else { Err(ENOTDIR) }
    }
}
