//! The licence texts of what is shipped, each once, with the names of what it is of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::steps::{Failure, cargo, root};

/// How deep a crate's folder is searched: what a crate bundles of others has its text beside its sources.
const DEEP: usize = 4;
/// No licence is longer.
const LONGEST: u64 = 1 << 20;

/// The folders of all crates, by name and version.
pub fn crates() -> Result<BTreeMap<(String, String), PathBuf>, Failure> {
    let said = cargo(&["metadata", "--locked", "--format-version", "1"]).output();
    let said = said.ok_or_else(|| Failure("cargo metadata failed".to_owned()))?;
    let said: Value = serde_json::from_str(&said).map_err(|e| Failure(format!("cargo metadata: {e}")))?;
    let all = said["packages"].as_array().into_iter().flatten();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let place = |one: &Value| Path::new(&text(one, "manifest_path")).parent().map(Path::to_owned);
    Ok(all.filter_map(|one| Some(((text(one, "name"), text(one, "version")), place(one)?))).collect())
}

/// The texts, each with what it is of.
#[derive(Default)]
pub struct Texts {
    /// By the text.
    of: BTreeMap<String, BTreeSet<String>>,
    /// What brings no text, by the licence that it names.
    without: BTreeMap<String, BTreeSet<String>>,
}

impl Texts {
    /// Takes the texts of one component of a list.
    pub fn take(
        &mut self,
        component: &Value,
        crates: &BTreeMap<(String, String), PathBuf>,
    ) -> Result<(), Failure> {
        let text = |field: &str| component[field].as_str().unwrap_or_default().to_owned();
        let (name, version) = (text("name"), text("version"));
        // Ours are not open; what is inside a crate has its texts there.
        if text("bom-ref").starts_with("bundled:") || name.starts_with("tieout") {
            return Ok(());
        }
        let shown = format!("{name} {version}");
        let group = component["group"].as_str().map_or_else(String::new, |group| format!("{group}/"));
        let page = text("purl").starts_with("pkg:npm/");
        let found = crates.get(&(name.clone(), version)).cloned().filter(|_| !page);
        let folder = found.unwrap_or_else(|| root().join("ui/node_modules").join(format!("{group}{name}")));
        let deep = if name.ends_with("-sys") { DEEP } else { 1 };
        let mut files = Vec::new();
        licence_files(&folder, deep, &mut files)?;
        for file in &files {
            let text = fs::read(file).map_err(|e| Failure(format!("{}: {e}", file.display())))?;
            let text = String::from_utf8_lossy(&text).replace("\r\n", "\n").trim().to_owned();
            self.of.entry(text).or_default().insert(shown.clone());
        }
        if files.is_empty() {
            self.without.entry(licence(component)).or_default().insert(shown);
        }
        Ok(())
    }

    /// The typeface inside the page, and that of what is printed.
    pub fn font(&mut self) -> Result<(), Failure> {
        for (of, file) in [("page", "ui/src/assets/OFL.txt"), ("print", "crates/print/fonts/OFL.txt")] {
            let file = root().join(file);
            let text = fs::read_to_string(&file).map_err(|e| Failure(format!("{}: {e}", file.display())))?;
            self.of.entry(text.trim().to_owned()).or_default().insert(format!("Inter (typeface, {of})"));
        }
        Ok(())
    }

    /// All of it as one page. Fails where a licence is named of which no text is here.
    pub fn page(&self) -> Result<String, Failure> {
        let mut page = String::from("Licences of what is shipped with Tieout, each text once.\n");
        for (text, of) in &self.of {
            let of: Vec<&str> = of.iter().map(String::as_str).collect();
            let _ = write!(page, "\n{}\n{}\n\n{text}\n", "=".repeat(80), of.join(", "));
        }
        for (licence, of) in &self.without {
            let of: Vec<&str> = of.iter().map(String::as_str).collect();
            let text = self.text_of(licence).ok_or_else(|| {
                Failure(format!("no text of {licence} is at hand, which {} bring none of", of.join(", ")))
            })?;
            let _ = write!(
                page,
                "\n{}\n{}\n\n(Named as {licence} by their authors, who ship no text of it; this is one.)\n\n\
                 {text}\n",
                "=".repeat(80),
                of.join(", ")
            );
        }
        Ok(page)
    }

    /// A text, of another component's, of one of the licences that an expression lets one choose.
    fn text_of(&self, expression: &str) -> Option<&str> {
        let begins: &[(&str, &str)] = &[
            ("Apache-2.0", "Apache License"),
            ("MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"),
            ("BSD-3-Clause", "Neither the name of"),
            ("MPL-2.0", "Mozilla Public License Version 2.0"),
            ("ISC", "Permission to use, copy, modify, and/or distribute this software"),
            ("Zlib", "This software is provided 'as-is'"),
            ("CC0-1.0", "Creative Commons Legal Code"),
        ];
        let known = begins.iter().filter(|(id, _)| expression.contains(id));
        let found = known.filter_map(|(_, words)| self.of.keys().find(|text| text.contains(words)));
        found.map(String::as_str).next()
    }
}

/// The licence that a component names.
fn licence(component: &Value) -> String {
    let named = component["licenses"].as_array().into_iter().flatten().filter_map(|one| {
        let name = [&one["expression"], &one["license"]["id"], &one["license"]["name"]];
        name.into_iter().find_map(Value::as_str)
    });
    named.collect::<Vec<_>>().join(" OR ")
}

/// Files that are named as licences are.
fn licence_files(folder: &Path, deep: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure(format!("{}: {e}", folder.display()));
    let mut inside: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(failed)?
        .map(|one| Ok(one.map_err(failed)?.path()))
        .collect::<Result<_, _>>()?;
    inside.sort();
    for path in inside {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let named =
            ["licen", "copying", "notice", "unlicense", "copyright"].iter().any(|way| name.starts_with(way));
        let ends = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        let text = ["", "txt", "md", "html", "apache", "mit"].contains(&ends.as_str()) || ends.contains("2");
        let about = fs::metadata(&path).map_err(failed)?;
        if about.is_file() && named && text && about.len() < LONGEST {
            found.push(path);
        } else if about.is_dir() && (deep > 1 || named) {
            licence_files(&path, deep.saturating_sub(1), found)?;
        }
    }
    Ok(())
}
