//! Files that are read without a column map: what they are, and how they are imported.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use chrono::Utc;
use serde_json::{Value, json};
use tieout_desk::{
    DeskError,
    base::code::Code,
    intake::recognition::{FileView, InspectRequest, inspect as look},
};

use crate::{
    args::Format,
    failure::Ran,
    render,
    verbs::{InspectArgs, MappedFile, Said},
};

fn said(file: &Path, kind: Option<&str>, said: &Said) -> Value {
    json!({
        "file": file, "kind": kind, "entity": said.entity, "currency": said.currency,
        "time_zone": said.time_zone, "expect": said.expect, "sheet": said.sheet, "dates": said.dates,
    })
}

/// The command that imports a file of this kind, and its request.
pub fn import(kind: &str, mapped: MappedFile) -> (&'static str, Value) {
    let MappedFile { file, map, auto, said: by, connection, as_of } = mapped;
    if !auto {
        let name = if kind == "gl" { "import_gl" } else { "import_billing" };
        return (name, json!({ "file": file, "map": map, "connection": connection, "as_of": as_of }));
    }
    let mut request = said(&file, Some(kind), &by);
    request["connection"] = json!(connection);
    request["as_of"] = json!(as_of);
    ("import_recognised", request)
}

/// `tieout inspect`
pub fn inspect(format: Format, args: &InspectArgs) -> Ran {
    let request: InspectRequest = serde_json::from_value(said(&args.file, args.kind.as_deref(), &args.said))
        .map_err(|e| DeskError::new(Code::BadRequest, e.to_string()))?;
    let view = look(&request, Utc::now())?;
    if let Some(path) = &args.save_map {
        save(path, &view.map)?;
    }
    let json = args.json || format == Format::Json;
    match json {
        true => render::object(Format::Json, &view)?,
        false if format == Format::Csv => render::object(format, &view)?,
        false => print(&view)?,
    }
    Ok(())
}

/// Writes a column map to a new file.
fn save(path: &Path, map: &str) -> Result<(), DeskError> {
    let failed = |e: std::io::Error| {
        let what = "the column map cannot be written there (an existing file is never overwritten)";
        DeskError::new(Code::ExportFailed, format!("{}: {what}: {e}", path.display()))
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(map.as_bytes()).map_err(failed)
}

/// Says it for people.
fn print(view: &FileView) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let certainty = match view.certainty.as_str() {
        "built_in" => "a built-in profile",
        _ => "by its headings and rows",
    };
    writeln!(out, "{}: {} ({certainty})", view.file, view.title)?;
    let told = [("encoding", &view.encoding), ("separator", &view.delimiter), ("sheet", &view.sheet)];
    for (name, value) in told.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        writeln!(out, "  {name}: {value}")?;
    }
    writeln!(out, "  header: row {}", view.header_row)?;
    writeln!(out, "Columns:")?;
    for column in &view.columns {
        let roles = if column.roles.is_empty() { "not read".to_owned() } else { column.roles.join(", ") };
        writeln!(out, "  {} -> {roles}", column.heading)?;
    }
    writeln!(out, "First lines ({}):", view.shown.join(" | "))?;
    for line in &view.lines {
        writeln!(out, "  {}", line.join(" | ").replace(['\n', '\r'], " "))?;
    }
    let what =
        if view.kind == tieout_desk::intake::recognition::FileKind::Gl { "journals" } else { "documents" };
    writeln!(out, "{} lines, {} {what}, {} lines put aside", view.rows, view.items, view.rejected_rows)?;
    for total in &view.totals {
        match &total.credits {
            Some(credits) => {
                writeln!(out, "  {}: debits {}, credits {credits}", total.currency, total.debits)?
            }
            None => writeln!(out, "  {}: {}", total.currency, total.debits)?,
        }
    }
    for note in &view.notes {
        writeln!(out, "Note: {note}")?;
    }
    for rejected in &view.rejections {
        writeln!(out, "Aside: {}: {}: {}", rejected.code, rejected.place, rejected.message)?;
    }
    Ok(())
}
