//! How a policy file writes the time limits of flows.
//!
//! ```toml
//! [[sla]]
//! flow = "invoice_to_erp"      # as `tieout flows` prints it
//! entity = "GB01"              # a code, or "*"; without it every one
//! hours = 16                   # from start to finish
//! counted = "business"         # in business hours, or "clock": around the clock; without it so
//! warn = 4                     # hours before it falls due; without it never
//! escalate = 8                 # hours after it fell due it comes to …
//! lead = "Carl"                # … this person, by name
//!
//! [[business_hours]]
//! entity = "*"
//! days = ["mon", "tue", "wed", "thu", "fri"]
//! from = "09:00"
//! to = "17:30"
//! time_zone = "Europe/London"  # without it that of the entity
//! holidays = ["2026-12-25"]
//! ```

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::Deserialize;
use tieout_domain::{
    EntityCode,
    flow::Flow,
    sla::{BusinessHours, Counted, Escalation, LEAST_HOURS_A_WEEK, MOST_HOURS, Sla, SlaPolicy, zone},
};

use crate::policy_error::PolicyError;

/// A limit as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlaText {
    flow: String,
    #[serde(default = "every")]
    entity: String,
    hours: u32,
    #[serde(default)]
    counted: CountedText,
    #[serde(default)]
    warn: u32,
    escalate: Option<u32>,
    lead: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CountedText {
    #[default]
    Clock,
    Business,
}

/// Business hours as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursText {
    #[serde(default = "every")]
    entity: String,
    days: Vec<String>,
    from: String,
    to: String,
    time_zone: Option<String>,
    #[serde(default)]
    holidays: Vec<NaiveDate>,
}

fn every() -> String {
    "*".to_owned()
}

/// Reads and checks all of it.
pub(crate) fn read(limits: &[SlaText], hours: &[HoursText]) -> Result<SlaPolicy, PolicyError> {
    let limits: Vec<Sla> = limits.iter().map(SlaText::read).collect::<Result<_, _>>()?;
    let hours: Vec<BusinessHours> = hours.iter().map(HoursText::read).collect::<Result<_, _>>()?;
    for (index, one) in hours.iter().enumerate() {
        if hours[..index].iter().any(|other| other.entity == one.entity) {
            return Err(bad(HOURS, "entity", format!("{} stands there twice", written(one.entity.as_ref()))));
        }
    }
    let policy = SlaPolicy { limits, hours };
    for (index, sla) in policy.limits.iter().enumerate() {
        let twice = |other: &&Sla| other.flow == sla.flow && other.entity == sla.entity;
        if policy.limits[..index].iter().any(|other| twice(&other)) {
            let entity = written(sla.entity.as_ref());
            return Err(bad(sla.flow.as_str(), "entity", format!("{entity} has two limits of this flow")));
        }
        if sla.counted == Counted::BusinessHours && policy.business(sla.entity.as_ref()).is_none() {
            let entity = written(sla.entity.as_ref());
            let why = format!("say when {entity} works, in a [[business_hours]]");
            return Err(bad(sla.flow.as_str(), "counted", why));
        }
    }
    Ok(policy)
}

const HOURS: &str = "[[business_hours]]";

fn written(entity: Option<&EntityCode>) -> &str {
    entity.map_or("*", EntityCode::as_str)
}

fn bad(what: &str, field: &'static str, why: String) -> PolicyError {
    PolicyError::Sla { what: what.to_owned(), field, why }
}

fn entity(what: &str, text: &str) -> Result<Option<EntityCode>, PolicyError> {
    match text.trim() {
        "*" => Ok(None),
        code => code.parse().map(Some).map_err(|_| {
            bad(what, "entity", format!("\"{code}\" is no legal entity's code; write a code or \"*\""))
        }),
    }
}

impl SlaText {
    fn read(&self) -> Result<Sla, PolicyError> {
        let name = self.flow.trim();
        let flow = Flow::ALL.into_iter().find(|flow| flow.as_str() == name).ok_or_else(|| {
            let known = Flow::ALL.map(Flow::as_str).join(", ");
            bad(name, "flow", format!("no flow is called so: write one of {known}"))
        })?;
        let within = |field, hours: u32, least: u32| match (least..=MOST_HOURS).contains(&hours) {
            true => Ok(hours),
            false => Err(bad(name, field, format!("write {least} to {MOST_HOURS} hours"))),
        };
        let hours = within("hours", self.hours, 1)?;
        if self.warn >= hours && self.warn > 0 {
            return Err(bad(name, "warn", "warn fewer hours before than the limit has".to_owned()));
        }
        let lead = self.lead.as_deref().map(str::trim).filter(|lead| !lead.is_empty());
        let escalation = match (self.escalate, lead) {
            (None, None) => None,
            (Some(after), Some(lead)) => {
                Some(Escalation { after_hours: within("escalate", after, 0)?, lead: lead.to_owned() })
            }
            (Some(_), None) => {
                return Err(bad(name, "lead", "say to whom it comes, by name".to_owned()));
            }
            (None, Some(_)) => {
                return Err(bad(name, "escalate", "say how many hours after it fell due".to_owned()));
            }
        };
        let counted = match self.counted {
            CountedText::Clock => Counted::AroundTheClock,
            CountedText::Business => Counted::BusinessHours,
        };
        Ok(Sla {
            flow,
            entity: entity(name, &self.entity)?,
            hours,
            counted,
            warn_hours: self.warn,
            escalation,
        })
    }
}

impl HoursText {
    fn read(&self) -> Result<BusinessHours, PolicyError> {
        let days = self.days.iter().map(|day| self.day(day)).collect::<Result<Vec<_>, _>>()?;
        let (from, to) = (self.time("from", &self.from)?, self.time("to", &self.to)?);
        if from >= to {
            return Err(bad(HOURS, "to", "write a later time of the same day than in from".to_owned()));
        }
        let apart = days.iter().map(Weekday::num_days_from_monday).collect::<BTreeSet<_>>().len();
        let week = (to - from) * i32::try_from(apart).unwrap_or(i32::MAX);
        if week.num_hours() < LEAST_HOURS_A_WEEK {
            return Err(bad(
                HOURS,
                "days",
                format!("a week has at least {LEAST_HOURS_A_WEEK} hours of business"),
            ));
        }
        let zone = match self.time_zone.as_deref() {
            None => None,
            Some(name) => Some(zone(name).ok_or_else(|| {
                bad(HOURS, "time_zone", format!("\"{name}\" is no time zone: write one as Europe/London"))
            })?),
        };
        let holidays = self.holidays.iter().copied().collect();
        Ok(BusinessHours { entity: entity(HOURS, &self.entity)?, days, from, to, zone, holidays })
    }

    fn day(&self, text: &str) -> Result<Weekday, PolicyError> {
        text.trim().parse().map_err(|_| bad(HOURS, "days", format!("\"{text}\" is no day: write mon to sun")))
    }

    fn time(&self, field: &'static str, text: &str) -> Result<NaiveTime, PolicyError> {
        NaiveTime::parse_from_str(text.trim(), "%H:%M")
            .map_err(|_| bad(HOURS, field, format!("\"{text}\" is no time: write it as 09:00")))
    }
}
