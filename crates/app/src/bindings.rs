//! The TypeScript of the boundary: every command with its request and response, and every type that they
//! and the events name. `cargo xtask bindings` writes it; CI compares it.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

use crate::{ChangedEvent, DeskEvent, OpenEvent, ProgressEvent, commands};
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

/// The boundary, gathered.
pub(crate) struct Bindings {
    config: Config,
    types: BTreeMap<String, String>,
    commands: String,
}

impl Bindings {
    /// Adds a command with the types that it names.
    pub(crate) fn command<Q: TS + 'static, A: TS + 'static>(&mut self, name: &str, about: &str) {
        self.add::<Q>();
        self.add::<A>();
        let of = |name: String| match name.as_str() {
            "null" => name,
            _ => format!("t.{name}").replace("t.Array<", "Array<t."),
        };
        let (request, response) = (of(Q::name(&self.config)), of(A::name(&self.config)));
        self.commands.push_str(&format!("  /** {about} */\n  {name}: [{request}, {response}];\n"));
    }

    fn add<T: TS + 'static + ?Sized>(&mut self) {
        self.visit::<T>();
        T::visit_generics(self);
    }
}

impl TypeVisitor for Bindings {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.types.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        self.types.insert(name, format!("{docs}export {}\n", T::decl(&self.config)));
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The two files: their names and their text.
#[must_use]
pub fn files() -> [(&'static str, String); 2] {
    let config = Config::new().with_large_int("number");
    let mut bindings = Bindings { config, types: BTreeMap::new(), commands: COMMANDS.to_owned() };
    crate::app::describe(&mut bindings);
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
