//! What a case's `expected.json` says, as the README of the cases has it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// When everything is judged that does not say otherwise.
const AS_OF: &str = "2026-06-30";

/// One small case: a folder, or one member of a folder's `each`.
pub struct Case {
    /// The folder's name, and the member's where there are several.
    pub name: String,
    pub folder: PathBuf,
    /// What is right.
    pub says: Value,
}

impl Case {
    pub fn as_of(&self) -> &str {
        self.says["as_of"].as_str().unwrap_or(AS_OF)
    }

    pub fn steps(&self) -> &[Value] {
        list(&self.says["steps"])
    }

    pub fn is_stripe(&self) -> bool {
        self.folder.join("objects.json").exists()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.says[key] == true
    }
}

/// The elements of a list; none where there is no list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Every case of the folder, by name.
pub fn all(folder: &Path) -> Vec<Case> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("expected.json").exists()).collect();
    folders.sort();
    folders.iter().flat_map(|folder| of(folder)).collect()
}

fn of(folder: &Path) -> Vec<Case> {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let says: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    if says["each"].is_null() {
        return vec![Case { name: name.to_owned(), folder: folder.to_owned(), says }];
    }
    let member = |says: &Value| Case {
        name: format!("{name} / {}", says["name"].as_str().unwrap()),
        folder: folder.to_owned(),
        says: says.clone(),
    };
    list(&says["each"]).iter().map(member).collect()
}
