//! The checklist of a close, from a template file: tasks, each with its owner, its working day of the close,
//! what it needs before it, and whether it is done with evidence.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

use crate::{EntityCode, sla::BusinessHours};

/// No close has more working days than this.
pub const MOST_DAYS: u32 = 60;

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name in the file, by which others need it.
    pub id: String,
    /// What is to be done.
    pub name: String,
    /// Only in this legal entity; in every one without.
    #[serde(default)]
    pub entity: Option<EntityCode>,
    /// Who does it, as the workspace knows them.
    pub owner: String,
    /// The working day of the close on which it is due: 1 is the first after the period's end.
    pub due: u32,
    /// The tasks that come before it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// True where a note says what was done, and where it is to be found.
    #[serde(default)]
    pub evidence: bool,
}

/// A checklist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The version of its format: 1.
    pub version: u32,
    /// Its tasks, in their order.
    #[serde(default, rename = "task")]
    pub tasks: Vec<Task>,
}

/// Why a file is no checklist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChecklistError {
    /// Not TOML of this format.
    #[error("the checklist cannot be read: {0}")]
    Syntax(String),
    /// A task that cannot be.
    #[error("task {task}: {why}")]
    BadTask {
        /// Its id.
        task: String,
        /// What is wrong.
        why: String,
    },
}

impl ChecklistError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ChecklistError::Syntax(_) => "checklist_syntax",
            ChecklistError::BadTask { .. } => "checklist_bad_task",
        }
    }
}

impl Checklist {
    /// Reads and checks a file: each id once, what a task needs stands before it, a day that can be.
    ///
    /// # Errors
    /// [`ChecklistError`].
    pub fn parse(text: &str) -> Result<Self, ChecklistError> {
        let list: Self = toml::from_str(text).map_err(|e| ChecklistError::Syntax(e.to_string()))?;
        if list.version != 1 {
            let message = format!("it has version {}; this version of Tieout reads version 1", list.version);
            return Err(ChecklistError::Syntax(message));
        }
        let mut before: BTreeSet<&str> = BTreeSet::new();
        for task in &list.tasks {
            let bad = |why: String| ChecklistError::BadTask { task: task.id.clone(), why };
            if task.id.is_empty() || task.id.contains(char::is_whitespace) || task.id.contains('/') {
                return Err(bad("its id is one word without \"/\"".to_owned()));
            }
            if task.name.trim().is_empty() || task.owner.trim().is_empty() {
                return Err(bad("it has a name and an owner".to_owned()));
            }
            if !(1..=MOST_DAYS).contains(&task.due) {
                return Err(bad(format!("it is due on a working day from 1 to {MOST_DAYS}")));
            }
            if let Some(unknown) = task.needs.iter().find(|id| !before.contains(id.as_str())) {
                return Err(bad(format!("it needs {unknown}, which does not stand before it")));
            }
            if !before.insert(&task.id) {
                return Err(bad("another task has this id".to_owned()));
            }
        }
        Ok(list)
    }

    /// The tasks of an entity, in their order.
    pub fn of<'c>(&'c self, entity: &'c EntityCode) -> impl Iterator<Item = &'c Task> {
        self.tasks.iter().filter(move |task| task.entity.as_ref().is_none_or(|own| own == entity))
    }
}

/// The n-th working day after a period's end, by when the entity works; Monday to Friday without.
#[must_use]
pub fn working_day(ends: NaiveDate, n: u32, hours: Option<&BusinessHours>) -> Option<NaiveDate> {
    let works = |day: NaiveDate| match hours {
        Some(hours) => hours.days.contains(&day.weekday()) && !hours.holidays.contains(&day),
        None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
    };
    // A calendar of holidays alone would never come to an end.
    let most = usize::try_from(MOST_DAYS).ok()? * 14;
    let mut found = ends.iter_days().skip(1).take(most).filter(|day| works(*day));
    found.nth(usize::try_from(n).ok()?.checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn working_days_leave_out_weekends_and_holidays() {
        let hours = |days: Vec<Weekday>, holidays: &[&str]| BusinessHours {
            entity: None,
            days,
            from: NaiveTime::MIN,
            to: NaiveTime::MIN,
            zone: None,
            holidays: holidays.iter().map(|text| day(text)).collect(),
        };
        let week = vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let sunday = vec![Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu];
        // November 2026 ends on a Monday, October on a Saturday, December on a Thursday.
        let christmas = hours(week.clone(), &["2027-01-01"]);
        let table = [
            ("2026-11-30", 1, None, "2026-12-01"),
            ("2026-11-30", 3, None, "2026-12-03"),
            ("2026-11-30", 5, None, "2026-12-07"),
            ("2026-10-31", 1, None, "2026-11-02"),
            ("2026-12-31", 1, None, "2027-01-01"),
            ("2026-12-31", 1, Some(&christmas), "2027-01-04"),
            ("2026-12-31", 2, Some(&christmas), "2027-01-05"),
        ];
        for (ends, n, hours, want) in table {
            assert_eq!(working_day(day(ends), n, hours), Some(day(want)), "{n} after {ends}");
        }
        let other = hours(sunday, &[]);
        assert_eq!(working_day(day("2026-10-31"), 1, Some(&other)), Some(day("2026-11-01")));
        assert_eq!(working_day(day("2026-10-31"), 0, None), None);
        assert_eq!(working_day(day("2026-10-31"), 1, Some(&hours(Vec::new(), &[]))), None);
    }

    #[test]
    fn a_file_that_cannot_be_followed_is_refused_with_its_task() {
        let file = |tasks: &str| Checklist::parse(&format!("version = 1\n{tasks}"));
        let task = |id: &str, rest: &str| {
            format!("[[task]]\nid = \"{id}\"\nname = \"N\"\nowner = \"ana\"\ndue = 3\n{rest}")
        };
        let good =
            file(&(task("bank", "") + &task("fees", "needs = [\"bank\"]\nentity = \"GB01\"\n"))).unwrap();
        assert_eq!(good.of(&"US01".parse().unwrap()).count(), 1);
        assert_eq!(good.of(&"GB01".parse().unwrap()).count(), 2);
        for (tasks, why) in [
            (task("bank", "") + &task("bank", ""), "another task has this id"),
            (task("fees", "needs = [\"bank\"]\n") + &task("bank", ""), "does not stand before it"),
            (task("a b", ""), "one word"),
            (task("a", "").replace("due = 3", "due = 0"), "working day from 1"),
            (task("a", "").replace("owner = \"ana\"", "owner = \" \""), "name and an owner"),
        ] {
            let refused = file(&tasks).unwrap_err();
            assert_eq!(refused.code(), "checklist_bad_task", "{tasks}");
            assert!(refused.to_string().contains(why), "{refused}");
        }
        assert_eq!(Checklist::parse("version = 2").unwrap_err().code(), "checklist_syntax");
        assert_eq!(file("[[task]]\nid = \"a\"\n").unwrap_err().code(), "checklist_syntax");
    }
}
