//! Dates as files write them.

use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, TimeZone as _, Utc,
    format::{Fixed, Item, StrftimeItems},
};
use chrono_tz::Tz;
use tieout_domain::document::DocumentDate;

use super::{map_error::MapError, months};

/// One way to write a date.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DateFormat {
    text: String,
    shape: Shape,
    /// Whether it writes months as words.
    months: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Date,
    DateTime,
    Instant,
    /// Day and month: the year is the one that puts it into the file's range.
    DayMonth,
    /// Days since the end of 1899, as spreadsheets count them.
    Serial,
}

/// The format of days as spreadsheets count them.
pub const SERIAL: &str = "serial";

/// The ways in which a file may write a date, tried in order. With an offset (`%z`, `%:z`) the cell is an
/// instant, otherwise a calendar date of the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormats {
    formats: Vec<DateFormat>,
    range: Option<(NaiveDate, NaiveDate)>,
}

/// Years beyond these are a misread format (`11-05-18` read as `%Y-%m-%d`), not a date of a document.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// Before this no document or posting of a ledger that is kept today is dated.
const FIRST_YEAR: i32 = 1990;

/// Refuses a document's or a posting's date that can be none on the day of judgement; the error says why.
///
/// # Errors
/// A text for people.
pub fn check_day(day: NaiveDate, judged_on: NaiveDate) -> Result<(), String> {
    if day.year() < FIRST_YEAR {
        return Err(format!("{day} is before {FIRST_YEAR}: is the year written or read rightly?"));
    }
    let last = judged_on.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
    if day > last {
        return Err(format!(
            "{day} is more than a year after {judged_on}: is the year written or read rightly?"
        ));
    }
    Ok(())
}

/// Two ways to write a date, of which each reads what the other writes, as another day.
#[derive(Clone, Copy, Debug)]
pub struct Overlap<'f> {
    one: &'f DateFormat,
    other: &'f DateFormat,
}

impl Overlap<'_> {
    /// Which of the two read a cell: neither, the first, the second, or both and as different days.
    #[must_use]
    pub fn read(&self, text: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let day = |format: &DateFormat| Some(format.read(text)?.in_zone(Tz::UTC));
        (day(self.one), day(self.other))
    }

    /// The two formats.
    #[must_use]
    pub fn formats(&self) -> (&str, &str) {
        (&self.one.text, &self.other.text)
    }
}

/// Checks a chrono format string; the error says what is wrong.
///
/// # Errors
/// A text for people.
pub fn check_format(format: &str) -> Result<(), String> {
    let bad = format.is_empty() || StrftimeItems::new(format).any(|item| matches!(item, Item::Error));
    if bad { Err(format!("\"{format}\" is not a date format, such as \"%d/%m/%Y\"")) } else { Ok(()) }
}

impl DateFormats {
    /// Checks the formats of a map.
    ///
    /// # Errors
    /// [`MapError::BadValue`] for a format that chrono does not know, [`MapError::Missing`] for none.
    pub fn new(formats: &[String]) -> Result<Self, MapError> {
        if formats.is_empty() {
            return Err(MapError::Missing("at least one of formats.dates".into()));
        }
        let read = |text: &String| {
            check_format(text)
                .map_err(|message| MapError::BadValue { place: "formats.dates".into(), message })?;
            let months = text.contains("%b") || text.contains("%B");
            Ok(DateFormat { text: text.clone(), shape: shape(text), months })
        };
        let formats = formats.iter().map(read).collect::<Result<_, MapError>>()?;
        Ok(Self { formats, range: None })
    }

    /// How they are written, as a map says it.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.formats.iter().map(|format| format.text.clone()).collect()
    }

    /// The same, with the days of which a date without a year is one.
    #[must_use]
    pub fn within(mut self, range: Option<(NaiveDate, NaiveDate)>) -> Self {
        self.range = range.or(self.range);
        self
    }

    /// True where a format has no year, and no days are known of which its dates are one.
    #[must_use]
    pub fn lacks_year(&self) -> bool {
        self.range.is_none() && self.formats.iter().any(|format| format.shape == Shape::DayMonth)
    }

    /// Reads a trimmed cell; the error says what is wrong with it.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse(&self, text: &str) -> Result<DocumentDate, String> {
        if let Some(date) = self.formats.iter().find_map(|format| self.read(format, text)) {
            return Ok(date);
        }
        let known: Vec<&str> = self.formats.iter().map(|f| f.text.as_str()).collect();
        Err(format!("\"{text}\" is not a date of the form {}", known.join(" or ")))
    }

    fn read(&self, format: &DateFormat, text: &str) -> Option<DocumentDate> {
        if format.shape != Shape::DayMonth {
            return format.read(text);
        }
        let (from, to) = self.range?;
        let day = |year: i32| day_month(text, &format.text, year).filter(|day| (from..=to).contains(day));
        (from.year()..=to.year()).find_map(day).map(DocumentDate::Local)
    }

    /// As [`DateFormats::parse`], of a column whose times are in `zone` where they say none themselves: such
    /// a time is an instant.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse_in(&self, text: &str, zone: Option<Tz>) -> Result<DocumentDate, String> {
        let date = self.parse(text)?;
        let (Some(zone), DocumentDate::Local(_)) = (zone, date) else { return Ok(date) };
        let Some(at) = self.formats.iter().find_map(|format| format.moment(text)) else { return Ok(date) };
        let instant = zone.from_local_datetime(&at).earliest();
        let instant = instant.ok_or_else(|| format!("\"{text}\" is no time in {zone}"))?;
        Ok(DocumentDate::Instant(instant.with_timezone(&Utc)))
    }

    /// Formats that read what another one writes, as another day.
    #[must_use]
    pub fn overlaps(&self) -> Vec<Overlap<'_>> {
        let pairs =
            self.formats.iter().enumerate().flat_map(|(n, one)| {
                self.formats.iter().skip(n + 1).map(move |other| Overlap { one, other })
            });
        let days = [(2026, 2, 3), (2010, 11, 12), (2005, 6, 7)];
        let samples: Vec<NaiveDateTime> = days
            .iter()
            .filter_map(|(year, month, day)| {
                NaiveDate::from_ymd_opt(*year, *month, *day)?.and_hms_opt(8, 9, 10)
            })
            .collect();
        let differ = |overlap: &Overlap<'_>| {
            samples.iter().any(|at| {
                let text = at.and_utc().format(&overlap.one.text).to_string();
                matches!(overlap.read(&text), (Some(one), Some(other)) if one != other)
            })
        };
        pairs.filter(differ).collect()
    }

    /// Writes a moment of a workbook's cell as the first format has it, so that it is read back as such.
    #[must_use]
    pub fn write(&self, at: NaiveDateTime) -> String {
        self.formats.first().map_or_else(String::new, |format| at.and_utc().format(&format.text).to_string())
    }
}

/// A day and a month of a year. Programs leave off the zero of a day that is the first thing written.
fn day_month(text: &str, format: &str, year: i32) -> Option<NaiveDate> {
    let padded = match text.len() {
        3 if text.bytes().all(|b| b.is_ascii_digit()) => format!("0{text}"),
        _ => text.to_owned(),
    };
    NaiveDate::parse_from_str(&format!("{padded} {year}"), &format!("{format} %Y")).ok()
}

fn serial(text: &str) -> Option<NaiveDate> {
    let days: u64 = text.split('.').next()?.parse().ok()?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(days))
}

impl DateFormat {
    fn read(&self, text: &str) -> Option<DocumentDate> {
        let english = self.months.then(|| months::english(text));
        let text = english.as_deref().unwrap_or(text);
        let date = match self.shape {
            Shape::DayMonth => None,
            Shape::Serial => serial(text).map(DocumentDate::Local),
            Shape::Date => NaiveDate::parse_from_str(text, &self.text).ok().map(DocumentDate::Local),
            Shape::DateTime => {
                NaiveDateTime::parse_from_str(text, &self.text).ok().map(|at| DocumentDate::Local(at.date()))
            }
            Shape::Instant => DateTime::parse_from_str(text, &self.text)
                .ok()
                .map(|at| DocumentDate::Instant(at.with_timezone(&Utc))),
        };
        date.filter(|date| YEARS.contains(&date.in_zone(Tz::UTC).year()))
    }

    /// The time of a cell that this format reads, where it writes one without a zone.
    fn moment(&self, text: &str) -> Option<NaiveDateTime> {
        self.read(text)?;
        let english = self.months.then(|| months::english(text));
        let text = english.as_deref().unwrap_or(text);
        (self.shape == Shape::DateTime).then(|| NaiveDateTime::parse_from_str(text, &self.text).ok())?
    }
}

fn shape(format: &str) -> Shape {
    if format == SERIAL {
        return Shape::Serial;
    }
    let year = ["%Y", "%y", "%C", "%G", "%g", "%D", "%F", "%x", "%c", "%s", "%+", "%v"];
    if !year.iter().any(|part| format.contains(part)) {
        return Shape::DayMonth;
    }
    let mut shape = Shape::Date;
    for item in StrftimeItems::new(format) {
        match item {
            Item::Fixed(
                Fixed::TimezoneOffset
                | Fixed::TimezoneOffsetColon
                | Fixed::TimezoneOffsetZ
                | Fixed::TimezoneOffsetColonZ
                | Fixed::RFC2822
                | Fixed::RFC3339,
            ) => return Shape::Instant,
            Item::Numeric(
                chrono::format::Numeric::Hour
                | chrono::format::Numeric::Hour12
                | chrono::format::Numeric::Minute
                | chrono::format::Numeric::Second,
                _,
            ) => shape = Shape::DateTime,
            _ => {}
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(formats: &[&str], text: &str, want: Option<&str>) {
        let formats: Vec<String> = formats.iter().map(|f| (*f).to_owned()).collect();
        let got = DateFormats::new(&formats).unwrap().parse(text).ok();
        let got = got.map(|d| match d {
            DocumentDate::Local(date) => date.to_string(),
            DocumentDate::Instant(at) => at.to_rfc3339(),
        });
        assert_eq!(got.as_deref(), want, "{text}");
    }

    #[test]
    fn dates_are_read_in_the_order_of_the_formats() {
        check(&["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"], "2010-12-01 08:26:00", Some("2010-12-01"));
        check(&["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"], "2010-12-01", Some("2010-12-01"));
        check(&["%d/%m/%Y"], "03/04/2011", Some("2011-04-03"));
        check(&["%m/%d/%Y"], "03/04/2011", Some("2011-03-04"));
        check(&["%d %b %Y"], "3 Apr 2011", Some("2011-04-03"));
        check(&["%Y-%m-%dT%H:%M:%S%:z"], "2011-04-01T00:30:00+01:00", Some("2011-03-31T23:30:00+00:00"));
    }

    #[test]
    fn formats_that_read_each_others_days_are_found() {
        let overlap = |formats: &[&str]| {
            let formats: Vec<String> = formats.iter().map(|f| (*f).to_owned()).collect();
            !DateFormats::new(&formats).unwrap().overlaps().is_empty()
        };
        assert!(overlap(&["%d/%m/%Y", "%m/%d/%Y"]));
        assert!(overlap(&["%Y-%m-%d", "%d.%m.%y", "%y.%m.%d"]));
        assert!(overlap(&["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]));
        assert!(!overlap(&["%d/%m/%Y", "%Y-%m-%d", "%d %b %Y"]));
        assert!(!overlap(&["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]));
    }

    #[test]
    fn a_time_of_a_column_with_a_zone_is_an_instant_and_a_day_stays_a_day() {
        let formats = DateFormats::new(&["%Y-%m-%d %H:%M".into(), "%Y-%m-%d".into()]).unwrap();
        let read =
            |text: &str, zone| formats.parse_in(text, zone).unwrap().in_zone(chrono_tz::America::New_York);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(read("2026-02-01 04:30", Some(Tz::UTC)), day("2026-01-31"));
        assert_eq!(read("2026-02-01 05:00", Some(Tz::UTC)), day("2026-02-01"));
        assert_eq!(read("2026-02-01 04:30", None), day("2026-02-01"));
        assert_eq!(read("2026-02-01", Some(Tz::UTC)), day("2026-02-01"));
    }

    #[test]
    fn a_year_that_no_ledger_has_is_refused() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let judged = day("2026-06-30");
        assert!(check_day(day("1990-01-01"), judged).is_ok() && check_day(day("2027-06-30"), judged).is_ok());
        assert!(
            check_day(day("1989-12-31"), judged).is_err() && check_day(day("2027-07-01"), judged).is_err()
        );
    }

    #[test]
    fn a_date_of_another_form_is_refused_rather_than_guessed() {
        check(&["%Y-%m-%d"], "11-05-2018", None);
        check(&["%d/%m/%Y"], "05/18/2011", None);
        check(&["%Y-%m-%d"], "2011-02-30", None);
        check(&["%Y-%m-%d"], "2011-02-03 10:00", None);
        check(&["%d/%m/%Y"], "01/02/11", None);
        assert_eq!(DateFormats::new(&["%Q".into()]).unwrap_err().code(), "map_bad_value");
    }
}
