//! Dates as files write them.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, Utc,
    format::{Fixed, Item, StrftimeItems},
};
use tieout_domain::document::DocumentDate;

use super::map_error::MapError;

/// One way to write a date.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DateFormat {
    text: String,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Date,
    DateTime,
    Instant,
}

/// The ways in which a file may write a date, tried in order. With an offset (`%z`, `%:z`) the cell is an
/// instant, otherwise a calendar date of the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateFormats(Vec<DateFormat>);

/// Years beyond these are a misread format (`11-05-18` read as `%Y-%m-%d`), not a date of a document.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

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
            Ok(DateFormat { text: text.clone(), shape: shape(text) })
        };
        Ok(Self(formats.iter().map(read).collect::<Result<_, MapError>>()?))
    }

    /// Reads a trimmed cell; the error says what is wrong with it.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse(&self, text: &str) -> Result<DocumentDate, String> {
        for format in &self.0 {
            let read = match format.shape {
                Shape::Date => NaiveDate::parse_from_str(text, &format.text).ok().map(DocumentDate::Local),
                Shape::DateTime => NaiveDateTime::parse_from_str(text, &format.text)
                    .ok()
                    .map(|at| DocumentDate::Local(at.date())),
                Shape::Instant => DateTime::parse_from_str(text, &format.text)
                    .ok()
                    .map(|at| DocumentDate::Instant(at.with_timezone(&Utc))),
            };
            let year = read.map(|date| date.in_zone(chrono_tz::Tz::UTC).year());
            if let (Some(date), Some(year)) = (read, year)
                && YEARS.contains(&year)
            {
                return Ok(date);
            }
        }
        let known: Vec<&str> = self.0.iter().map(|f| f.text.as_str()).collect();
        Err(format!("\"{text}\" is not a date of the form {}", known.join(" or ")))
    }

    /// Writes a moment of a workbook's cell as the first format has it, so that it is read back as such.
    #[must_use]
    pub fn write(&self, at: NaiveDateTime) -> String {
        self.0.first().map_or_else(String::new, |format| at.and_utc().format(&format.text).to_string())
    }
}

fn shape(format: &str) -> Shape {
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
    fn a_date_of_another_form_is_refused_rather_than_guessed() {
        check(&["%Y-%m-%d"], "11-05-2018", None);
        check(&["%d/%m/%Y"], "05/18/2011", None);
        check(&["%Y-%m-%d"], "2011-02-30", None);
        check(&["%Y-%m-%d"], "2011-02-03 10:00", None);
        check(&["%d/%m/%Y"], "01/02/11", None);
        assert_eq!(DateFormats::new(&["%Q".into()]).unwrap_err().code(), "map_bad_value");
    }
}
