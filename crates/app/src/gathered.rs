//! Commands and the types that they name, gathered for the bindings.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

/// The boundary, gathered.
pub(crate) struct Gathered {
    config: Config,
    pub(crate) types: BTreeMap<String, String>,
    pub(crate) commands: String,
}

impl Gathered {
    /// Nothing yet, with the head of the commands' file.
    pub(crate) fn new(head: &str) -> Self {
        let config = Config::new().with_large_int("number");
        Self { config, types: BTreeMap::new(), commands: head.to_owned() }
    }

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

    pub(crate) fn add<T: TS + 'static + ?Sized>(&mut self) {
        self.visit::<T>();
        T::visit_generics(self);
    }
}

impl TypeVisitor for Gathered {
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
