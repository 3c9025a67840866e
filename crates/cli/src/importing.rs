//! `tieout import …`: files brought in, listed and taken back.

use serde_json::{Value, json};

use tieout_desk::Context;

use crate::{
    answers::{call, object, rows},
    args::Format,
    failure::Ran,
    inspecting,
    render::{self, Column, number, text},
    verbs::ImportVerb,
};
/// `tieout import …`
pub fn import(ctx: &Context, format: Format, verb: ImportVerb) -> Ran {
    let change_columns = [
        text("id", "Id"),
        text("kind", "Kind"),
        text("name", "Name"),
        text("state", "State"),
        text("author", "Author"),
        text("approved_by", "Approved by"),
        text("hash", "SHA-256"),
    ];
    match verb {
        ImportVerb::Billing(mapped) => {
            let (name, request) = inspecting::import("billing", mapped);
            imported(ctx, format, name, request)
        }
        ImportVerb::Gl { file: mapped, replaces } => {
            let (name, mut request) = inspecting::import("gl", mapped);
            request["replaces"] = json!(replaces);
            imported(ctx, format, name, request)
        }
        ImportVerb::Aside { connection, settle: None, settled, .. } => {
            let columns = [
                number("id", "Number"),
                text("resource", "Of"),
                text("place", "Place"),
                text("code", "Code"),
                text("message", "Why"),
                text("settled_by", "Set aside by"),
                text("reason", "Reason"),
            ];
            let request = json!({ "connection": connection, "settled": settled });
            rows(ctx, format, &columns, "aside", request)
        }
        ImportVerb::Aside { connection, settle: Some(reason), items, .. } => {
            let request = json!({ "connection": connection, "ids": items, "reason": reason });
            object(ctx, format, "aside_settle", request)
        }
        ImportVerb::List => rows(ctx, format, &files_columns(), "imports", json!({})),
        ImportVerb::Undo { import } => object(ctx, format, "import_undo", json!({ "import": import })),
        ImportVerb::Periods { file } => imported(ctx, format, "import_periods", json!({ "file": file })),
        ImportVerb::Mapping { file, check } => {
            let name = if check { "mapping_check" } else { "import_mapping" };
            object(ctx, format, name, json!({ "file": file }))
        }
        ImportVerb::Policy { file } => object(ctx, format, "import_policy", json!({ "file": file })),
        ImportVerb::Changes => rows(ctx, format, &change_columns, "changes", json!({})),
    }
}

/// The columns of the files that were imported.
fn files_columns() -> [Column; 9] {
    [
        text("id", "Import"),
        text("file", "File"),
        text("connection", "Connection"),
        text("at", "When"),
        number("rows", "Lines"),
        number("rejected_rows", "Aside"),
        number("new", "New"),
        number("changed", "Changed"),
        text("undone_at", "Taken back"),
    ]
}

fn imported(ctx: &Context, format: Format, name: &str, request: Value) -> Ran {
    let mut report = call(ctx, name, request)?;
    let rejections = report.as_object_mut().and_then(|fields| fields.remove("rejections"));
    for rejected in rejections.iter().filter_map(Value::as_array).flatten() {
        let said = |field: &str| rejected[field].as_str().unwrap_or_default().to_owned();
        eprintln!("{}: {}: {}", said("code"), said("place"), said("message"));
    }
    Ok(render::object(format, &report)?)
}
