//! A file that is written anew.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Writes a file, which is made if there is none, on Unix for its owner's eyes only. Where that fails what there was is there
/// still: the new one is written beside it, and takes its place. What is no plain file, or not to be written, and what nothing
/// can be made beside, is written where it is, if it can be.
pub(crate) fn write_anew(
    path: &Path,
    contents: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let before = match fs::symlink_metadata(path) {
        Ok(before) if before.is_file() => Some(before.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Ok(_) | Err(_) => return write_in_place(path, contents),
    };
    if before.as_ref().is_some_and(|before| before.readonly()) {
        return write_in_place(path, contents);
    }
    let Ok((file, beside)) = make_beside(path) else {
        return write_in_place(path, contents);
    };
    let written = contents(&file)
        .and_then(|()| before.map_or(Ok(()), |before| file.set_permissions(before)))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_in_place(path: &Path, contents: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    contents(&for_its_owner().create(true).truncate(true).open(path)?)
}

/// A new file in the same folder.
fn make_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut name = OsString::from(path.file_name().unwrap_or_default());
        name.push(format!(".{}-{count}.new", std::process::id()));
        let beside = path.with_file_name(name);
        match for_its_owner().create_new(true).open(&beside) {
            // Of a process that has ended, whose number was ours.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return Ok((made?, beside)),
        }
    }
}

fn for_its_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
