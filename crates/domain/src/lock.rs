//! What people sign about a period's lock: that the desk closes it softly, that this is lifted, and an
//! exception to it for somebody until a time. The text of each is what is signed.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{EntityCode, PersonId, calendar::PeriodKey, delegation::Named};

const ENTITY: &str = "Entity: ";
const PERIOD: &str = "Period: ";
const FOR: &str = "For: ";
const EVERYBODY: &str = "For everybody";
const UNTIL: &str = "Until: ";
const WHY: &str = "Why: ";

/// A period of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockPlace {
    /// The legal entity.
    pub entity: EntityCode,
    /// The period.
    pub period: PeriodKey,
}

impl fmt::Display for LockPlace {
    /// As a change is named: `GB01 2026-10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.entity, self.period)
    }
}

/// A text on one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// That a period is closed softly, or that this is lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoftClose {
    /// Which.
    pub place: LockPlace,
    /// Why.
    pub why: String,
}

impl SoftClose {
    /// Of this period; the reason is put on one line.
    #[must_use]
    pub fn new(place: LockPlace, why: &str) -> Self {
        Self { place, why: plain(why) }
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let place = place(&mut lines)?;
        let why = lines.next()?.strip_prefix(WHY)?.to_owned();
        lines.next().is_none().then_some(Self { place, why })
    }
}

impl fmt::Display for SoftClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{ENTITY}{}\n{PERIOD}{}", self.place.entity, self.place.period)?;
        writeln!(f, "{WHY}{}", self.why)
    }
}

/// Leave to book into a softly closed period what these people prepare, until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockException {
    /// Into which.
    pub place: LockPlace,
    /// Whose postings, in the order of their ids; empty for everybody's.
    pub whom: Vec<Named>,
    /// Until when, not included, UTC.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
}

impl LockException {
    /// Of this period; the reason is put on one line.
    #[must_use]
    pub fn new(place: LockPlace, mut whom: Vec<Named>, until: DateTime<Utc>, why: &str) -> Self {
        whom.sort();
        whom.dedup_by(|a, b| a.id == b.id);
        Self { place, whom, until, why: plain(why) }
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let place = place(&mut lines)?;
        let mut whom = Vec::new();
        if lines.next_if_eq(&EVERYBODY).is_none() {
            while let Some(line) = lines.next_if(|line| line.starts_with(FOR)) {
                whom.push(Named::parse(line.strip_prefix(FOR)?)?);
            }
            if whom.is_empty() {
                return None;
            }
        }
        let until = lines.next()?.strip_prefix(UNTIL)?;
        let until = DateTime::parse_from_rfc3339(until).ok()?.to_utc();
        let why = lines.next()?.strip_prefix(WHY)?.to_owned();
        lines.next().is_none().then_some(Self { place, whom, until, why })
    }

    /// True where it lets what this person prepared be booked into this period at this time. What nobody
    /// prepared, a policy's own, is let in by an exception for everybody alone.
    #[must_use]
    pub fn covers(&self, place: &LockPlace, preparer: Option<&PersonId>, now: DateTime<Utc>) -> bool {
        let theirs = |id: &PersonId| self.whom.iter().any(|one| one.id == *id);
        self.place == *place && now < self.until && (self.whom.is_empty() || preparer.is_some_and(theirs))
    }
}

impl fmt::Display for LockException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{ENTITY}{}\n{PERIOD}{}", self.place.entity, self.place.period)?;
        if self.whom.is_empty() {
            writeln!(f, "{EVERYBODY}")?;
        }
        for one in &self.whom {
            writeln!(f, "{FOR}{one}")?;
        }
        writeln!(f, "{UNTIL}{}", self.until.to_rfc3339_opts(SecondsFormat::Secs, true))?;
        writeln!(f, "{WHY}{}", self.why)
    }
}

fn place<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<LockPlace> {
    let entity = lines.next()?.strip_prefix(ENTITY)?.parse().ok()?;
    let period = PeriodKey::new(lines.next()?.strip_prefix(PERIOD)?);
    Some(LockPlace { entity, period })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn october() -> LockPlace {
        LockPlace { entity: "GB01".parse().unwrap(), period: PeriodKey::new("2026-10") }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn each_text_says_it_again() {
        let close = SoftClose::new(october(), "being\nreviewed");
        assert_eq!(SoftClose::parse(&close.to_string()), Some(close.clone()));
        assert_eq!(close.to_string(), "Entity: GB01\nPeriod: 2026-10\nWhy: being reviewed\n");
        let ana = Named { id: PersonId::derive(&["ana"]), name: "ana maria".into() };
        let ben = Named { id: PersonId::derive(&["ben"]), name: "ben".into() };
        for whom in [vec![], vec![ana.clone()], vec![ana.clone(), ben, ana]] {
            let made = LockException::new(october(), whom, at("2026-11-08T17:00:00Z"), "a late bill");
            assert_eq!(LockException::parse(&made.to_string()), Some(made.clone()), "{made}");
            assert_eq!(SoftClose::parse(&made.to_string()), None);
        }
        assert_eq!(LockException::parse(&close.to_string()), None);
    }

    #[test]
    fn it_holds_for_its_people_in_its_period_and_until_its_time() {
        let (ana, ben) = (PersonId::derive(&["ana"]), PersonId::derive(&["ben"]));
        let whom = vec![Named { id: ana.clone(), name: "ana".into() }];
        let until = at("2026-11-08T17:00:00Z");
        let (before, after) = (at("2026-11-08T16:59:59Z"), until);
        let for_ana = LockException::new(october(), whom, until, "");
        let for_all = LockException::new(october(), vec![], until, "");
        assert!(for_ana.covers(&october(), Some(&ana), before));
        assert!(!for_ana.covers(&october(), Some(&ben), before));
        assert!(!for_ana.covers(&october(), None, before), "a policy's own is nobody's");
        assert!(!for_ana.covers(&october(), Some(&ana), after));
        let november = LockPlace { period: PeriodKey::new("2026-11"), ..october() };
        assert!(!for_ana.covers(&november, Some(&ana), before));
        assert!(for_all.covers(&october(), None, before) && for_all.covers(&october(), Some(&ben), before));
    }
}
