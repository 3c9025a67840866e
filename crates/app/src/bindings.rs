//! The TypeScript of the boundary: every command with its request and response, and every type that they
//! and the events name. `cargo xtask bindings` writes it; CI compares it.

use crate::{
    app::{self, ChangedEvent, DeskEvent, OpenEvent, ProgressEvent},
    commands,
    gathered::Gathered,
};
use tieout_desk::base::error::DeskError;

const TYPES: &str = "\
// Generated from crates/app by `cargo xtask bindings`; do not edit.
// Money is decimal text beside its currency. Instants are RFC 3339 in UTC, dates YYYY-MM-DD.
";

const COMMANDS: &str = "\
// Generated from crates/app by `cargo xtask bindings`; do not edit.
import type * as t from \"./types\";

/** Every command, with its request and its response. */
export type Commands = {
";

/// The two files: their names and their text.
#[must_use]
pub fn files() -> [(&'static str, String); 2] {
    let mut bindings = Gathered::new(COMMANDS);
    app::describe(&mut bindings);
    commands::describe(&mut bindings);
    bindings.add::<DeskError>();
    bindings.add::<ProgressEvent>();
    bindings.add::<ChangedEvent>();
    bindings.add::<DeskEvent>();
    bindings.add::<OpenEvent>();
    let types: Vec<String> = bindings.types.into_values().collect();
    [
        ("types.ts", format!("{TYPES}\n{}", types.join("\n"))),
        ("commands.ts", format!("{}}};\n", bindings.commands)),
    ]
}
