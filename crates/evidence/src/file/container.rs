//! The zip around the parts of a file: each of them once, by plain names, none larger than anybody needs.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _, Write as _},
};

use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::file::fault::{FileFault, FileResult};

/// The parts of a file by their names.
pub type Parts = BTreeMap<String, Vec<u8>>;

/// The most bytes that a part unpacks to: a file that asks for more would only fill a disk.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The most parts.
const MOST_PARTS: usize = 16;

/// Packs these parts. The same parts always make the same bytes.
///
/// # Errors
/// `packet_unreadable` where they cannot be packed.
pub fn pack(parts: &Parts) -> FileResult<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| FileFault::unreadable(format!("it cannot be packed: {e}"));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), options).map_err(|e| failed(&e))?;
        writer.write_all(bytes).map_err(|e| failed(&e))?;
    }
    Ok(writer.finish().map_err(|e| failed(&e))?.into_inner())
}

/// The parts of a file.
///
/// # Errors
/// `packet_unreadable`.
pub fn unpack(bytes: &[u8]) -> FileResult<Parts> {
    let unreadable = |e: &dyn std::fmt::Display| FileFault::unreadable(format!("it is no packed file: {e}"));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    if archive.len() > MOST_PARTS {
        return Err(unreadable(&"it has more parts than any file of ours"));
    }
    let mut parts = Parts::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).map_err(|e| unreadable(&e))?;
        let name = file.name().map_err(|e| unreadable(&e))?.into_owned();
        let mut part = Vec::new();
        file.by_ref().take(MOST_BYTES + 1).read_to_end(&mut part).map_err(|e| unreadable(&e))?;
        if part.len() as u64 > MOST_BYTES {
            return Err(unreadable(&format!("its part {name} is too large")));
        }
        if parts.insert(name.clone(), part).is_some() {
            return Err(unreadable(&format!("its part {name} stands in it twice")));
        }
    }
    Ok(parts)
}

/// One part, taken out.
///
/// # Errors
/// `packet_unreadable` where it is not there.
pub fn take(parts: &mut Parts, name: &str) -> FileResult<Vec<u8>> {
    parts.remove(name).ok_or_else(|| FileFault::unreadable(format!("its part {name} is missing")))
}

/// Refuses what no file of its kind has.
///
/// # Errors
/// `packet_tampered`.
pub fn nothing_more(parts: &Parts) -> FileResult<()> {
    match parts.keys().next() {
        None => Ok(()),
        Some(name) => Err(FileFault::tampered(format!("{name} was put into it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_were_packed_and_always_pack_alike() {
        let parts = Parts::from([("a.json".to_owned(), vec![1, 2]), ("b.xlsx".to_owned(), Vec::new())]);
        let packed = pack(&parts).unwrap();
        assert_eq!(unpack(&packed).unwrap(), parts);
        assert_eq!(pack(&parts).unwrap(), packed);
        assert_eq!(unpack(b"no zip").unwrap_err().code(), "packet_unreadable");
        assert_eq!(unpack(&packed[..packed.len() - 9]).unwrap_err().code(), "packet_unreadable");
    }
}
