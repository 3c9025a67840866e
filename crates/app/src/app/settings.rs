//! What a user set for this machine, and the workspaces that were open here. Two small JSON files in the
//! app's own folder; neither holds a secret. One that cannot be read is as good as none: the defaults hold.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ts_rs::TS;

use tieout_desk::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
        machine::MachinePolicy,
    },
    reports::copying::CopyStyle,
};

/// How many workspaces are remembered.
const RECENT: usize = 8;

/// How the desk looks and behaves for the user of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// The colours.
    pub theme: Theme,
    /// Percent, 80 to 150.
    pub text_size: u32,
    /// The height of rows.
    pub density: Density,
    /// BCP 47 tag whose separators numbers have, whatever the language; empty follows the system.
    pub number_format: String,
    /// How an amount below zero looks.
    pub negative: Negative,
    /// How a date looks.
    pub date_format: DateFormat,
    /// Minutes without input after which the desk locks; 0 is never.
    pub lock_after_minutes: u32,
    /// Whether the operating system tells what is newly yours or overdue.
    pub notifications: bool,
    /// Whether the program starts with the user's session.
    pub start_with_session: bool,
    /// Remapped shortcuts: action to key (`p`, `shift+a`, `mod+k`).
    pub shortcuts: BTreeMap<String, String>,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

choice! {
    /// The colours of the window.
    Theme {
        /// As the operating system has it.
        System => "system",
        /// Dark on light.
        Light => "light",
        /// Light on dark.
        Dark => "dark",
        /// The strongest contrast.
        Contrast => "contrast",
    }
}

choice! {
    /// The height of rows.
    Density {
        /// 26 pixels.
        Compact => "compact",
        /// 30 pixels.
        Standard => "standard",
        /// 36 pixels.
        Comfortable => "comfortable",
    }
}

choice! {
    /// How an amount below zero looks.
    Negative {
        /// (420.00), as books have it.
        Parentheses => "parentheses",
        /// −420.00.
        Minus => "minus",
    }
}

choice! {
    /// How a date looks.
    DateFormat {
        /// 3 Nov 2026.
        DayMonthName => "d MMM yyyy",
        /// 2026-11-03.
        Iso => "yyyy-MM-dd",
        /// 03/11/2026.
        DayFirst => "dd/MM/yyyy",
        /// 11/03/2026.
        MonthFirst => "MM/dd/yyyy",
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_size: 100,
            density: Density::Standard,
            number_format: String::new(),
            negative: Negative::Parentheses,
            date_format: DateFormat::DayMonthName,
            lock_after_minutes: 15,
            notifications: false,
            start_with_session: false,
            shortcuts: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// How numbers and dates go onto the clipboard.
    pub(super) fn copy_style(&self) -> CopyStyle {
        CopyStyle {
            number_format: self.number_format.clone(),
            negative: self.negative.as_str().to_owned(),
            date_format: self.date_format.as_str().to_owned(),
        }
    }

    /// Refuses what would make the window unusable, or is beyond what this machine's administrator has fixed.
    ///
    /// # Errors
    /// `setting_bad`, `fixed_by_administrator`.
    pub fn checked(self, policy: &MachinePolicy) -> DeskResult<Self> {
        if !(80..=150).contains(&self.text_size) {
            let message = format!("a text size of {} %: choose one from 80 to 150", self.text_size);
            return Err(DeskError::new(Code::SettingBad, message));
        }
        policy.admits_idle(self.lock_after_minutes)?;
        Ok(self)
    }

    /// The same within what this machine's administrator has fixed, should it have been set before that.
    /// Where that cannot be read no workspace opens, and nothing has to lock.
    pub(super) fn with_fixed(self) -> Self {
        match MachinePolicy::read() {
            Ok(policy) => self.within(&policy),
            Err(_) => self,
        }
    }

    fn within(mut self, policy: &MachinePolicy) -> Self {
        let most = policy.longest_idle();
        if let Some(most) = most
            && (self.lock_after_minutes == 0 || self.lock_after_minutes > most)
        {
            self.lock_after_minutes = most;
        }
        self
    }
}

/// A workspace that was open here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecentWorkspace {
    /// The file.
    pub path: String,
    /// Its name when it was last open.
    pub name: String,
    /// When it was last opened, UTC.
    pub opened_at: DateTime<Utc>,
    /// True when the file is not there now.
    #[serde(default)]
    pub missing: bool,
}

/// The two files.
pub(super) struct Kept {
    folder: PathBuf,
}

impl Kept {
    pub(super) fn in_folder(folder: PathBuf) -> DeskResult<Self> {
        fs::create_dir_all(&folder).map_err(|e| DeskError::file(&folder, &e))?;
        Ok(Self { folder })
    }

    pub(super) fn settings(&self) -> Settings {
        read(&self.folder.join("settings.json"))
    }

    pub(super) fn keep_settings(&self, settings: &Settings) -> DeskResult<()> {
        write(&self.folder.join("settings.json"), settings)
    }

    pub(super) fn recent(&self) -> Vec<RecentWorkspace> {
        let mut all: Vec<RecentWorkspace> = read(&self.folder.join("recent.json"));
        for one in &mut all {
            one.missing = !Path::new(&one.path).exists();
        }
        all
    }

    /// Puts a workspace at the head of the list.
    pub(super) fn opened(&self, path: &Path, name: &str, at: DateTime<Utc>) -> DeskResult<()> {
        let path = path.display().to_string();
        let mut all = self.recent();
        all.retain(|one| one.path != path);
        all.insert(0, RecentWorkspace { path, name: name.to_owned(), opened_at: at, missing: false });
        all.truncate(RECENT);
        write(&self.folder.join("recent.json"), &all)
    }
}

fn read<T: DeserializeOwned + Default>(path: &Path) -> T {
    fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Whole or not at all.
fn write<T: Serialize>(path: &Path, value: &T) -> DeskResult<()> {
    let text = serde_json::to_vec_pretty(value)?;
    let half = path.with_extension("json.new");
    let written = (|| -> io::Result<()> {
        fs::write(&half, text)?;
        fs::rename(&half, path)
    })();
    written.map_err(|e| DeskError::file(path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_locks_no_later_than_the_administrator_fixed_whatever_was_set_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.toml");
        fs::write(&file, "version = 1\n[lock]\nafter_minutes_at_most = 10\n").unwrap();
        let policy = MachinePolicy::at(file.clone()).unwrap();
        for (set, holds) in [(0, 10), (15, 10), (10, 10), (3, 3)] {
            let settings = Settings { lock_after_minutes: set, ..Settings::default() };
            assert_eq!(settings.clone().within(&policy).lock_after_minutes, holds);
            let checked = settings.checked(&policy);
            match set == holds {
                true => assert_eq!(checked.unwrap().lock_after_minutes, set),
                false => {
                    let refused = checked.unwrap_err();
                    assert_eq!(refused.code, Code::FixedByAdministrator);
                    assert!(refused.message.contains(&file.display().to_string()), "{}", refused.message);
                }
            }
        }
    }
}
