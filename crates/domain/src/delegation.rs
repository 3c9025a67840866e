//! That somebody decides on postings in another's place for a while. The text is what people sign.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{EntityCode, PersonId};

const FROM: &str = "In the place of: ";
const TO: &str = "Decides: ";
const ENTITY: &str = "Entity: ";
const EVERY: &str = "Every entity";
const SINCE: &str = "Since: ";
const UNTIL: &str = "Until: ";
const WHY: &str = "Why: ";

/// A person, and their name when it was signed, for who reads the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

impl Named {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, name) = text.split_once(' ')?;
        Some(Self { id: id.parse().ok()?, name: name.to_owned() })
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

/// Leave to decide on postings in somebody's place. It gives no right that the delegate has not already: both
/// must be allowed to take the decision themselves, and both names stand on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// In whose place.
    pub from: Named,
    /// Who decides.
    pub to: Named,
    /// For postings of these entities, in order; empty for all.
    pub entities: Vec<EntityCode>,
    /// From when, UTC.
    pub since: DateTime<Utc>,
    /// Until when, not included, UTC.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
}

impl Delegation {
    /// True where it lets `to` decide in the place of `from` on a posting of these entities at this time.
    /// Only their own duty is handed on: what they hold in the place of a third they cannot.
    #[must_use]
    pub fn covers(
        &self,
        (from, to): (&PersonId, &PersonId),
        entities: &[EntityCode],
        now: DateTime<Utc>,
    ) -> bool {
        let inside = |entity: &EntityCode| self.entities.is_empty() || self.entities.contains(entity);
        self.from.id == *from
            && self.to.id == *to
            && (self.since..self.until).contains(&now)
            && entities.iter().all(inside)
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let from = Named::parse(lines.next()?.strip_prefix(FROM)?)?;
        let to = Named::parse(lines.next()?.strip_prefix(TO)?)?;
        let mut entities = Vec::new();
        if lines.next_if_eq(&EVERY).is_none() {
            while let Some(line) = lines.next_if(|line| line.starts_with(ENTITY)) {
                entities.push(line.strip_prefix(ENTITY)?.parse().ok()?);
            }
            if entities.is_empty() {
                return None;
            }
        }
        let at = |line: Option<&str>, head: &str| {
            Some(DateTime::parse_from_rfc3339(line?.strip_prefix(head)?).ok()?.to_utc())
        };
        let since = at(lines.next(), SINCE)?;
        let until = at(lines.next(), UNTIL)?;
        let why = lines.next()?.strip_prefix(WHY)?.to_owned();
        lines.next().is_none().then_some(Self { from, to, entities, since, until, why })
    }
}

impl fmt::Display for Delegation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FROM}{}\n{TO}{}", self.from, self.to)?;
        if self.entities.is_empty() {
            writeln!(f, "{EVERY}")?;
        }
        for entity in &self.entities {
            writeln!(f, "{ENTITY}{entity}")?;
        }
        let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        writeln!(f, "{SINCE}{}\n{UNTIL}{}", at(self.since), at(self.until))?;
        writeln!(f, "{WHY}{}", self.why.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Named {
        Named { id: PersonId::derive(&[name]), name: name.to_owned() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn of(entities: &[&str]) -> Delegation {
        Delegation {
            from: named("carl von c"),
            to: named("cora"),
            entities: entities.iter().map(|code| code.parse().unwrap()).collect(),
            since: at("2026-12-21T00:00:00Z"),
            until: at("2027-01-04T00:00:00Z"),
            why: "away".to_owned(),
        }
    }

    #[test]
    fn its_text_says_it_again() {
        for entities in [&[][..], &["GB01"][..], &["GB01", "US01"][..]] {
            let made = of(entities);
            assert_eq!(Delegation::parse(&made.to_string()), Some(made.clone()), "{made}");
        }
        assert_eq!(Delegation::parse("Why: away\n"), None);
    }

    #[test]
    fn it_holds_between_its_two_people_for_its_entities_and_in_its_time() {
        let (made, carl, cora) = (of(&["GB01"]), named("carl von c").id, named("cora").id);
        let (gb, us): (EntityCode, EntityCode) = ("GB01".parse().unwrap(), "US01".parse().unwrap());
        let then = at("2026-12-24T12:00:00Z");
        assert!(made.covers((&carl, &cora), std::slice::from_ref(&gb), then));
        assert!(!made.covers((&cora, &carl), std::slice::from_ref(&gb), then), "not the other way round");
        assert!(!made.covers((&carl, &cora), &[gb.clone(), us.clone()], then), "every step's entity");
        assert!(!made.covers((&carl, &cora), std::slice::from_ref(&gb), made.until));
        assert!(!made.covers((&carl, &cora), std::slice::from_ref(&gb), at("2026-12-20T23:59:59Z")));
        assert!(of(&[]).covers((&carl, &cora), &[us], then));
    }
}
