//! Writing into a packet's sheet, as anybody can who has a spreadsheet program.

use std::path::Path;

use super::away::{pack, unpack};

/// Writes a text into a cell of the sheet that has the table.
pub fn write(path: &str, cell: &str, text: &str) {
    let mut parts = unpack(Path::new(path));
    let table = String::from_utf8(parts["xl/worksheets/sheet2.xml"].clone()).unwrap();
    let from = table.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no cell {cell}: {table}"));
    let rest = &table[from..];
    let one_tag = rest.find("/>").filter(|end| rest.find('>').is_some_and(|first| first == end + 1));
    let end = one_tag.map_or_else(|| rest.find("</c>").unwrap() + 4, |end| end + 2);
    let inline = format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let changed = format!("{}{inline}{}", &table[..from], &rest[end..]);
    parts.insert("xl/worksheets/sheet2.xml".to_owned(), changed.into_bytes());
    pack(Path::new(path), &parts);
}
