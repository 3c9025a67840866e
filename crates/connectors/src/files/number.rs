//! Decimal numbers as files write them: exact, never through a float.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tieout_domain::{Currency, Money, Rounding};

use super::adorned;
use crate::kit::{LARGEST_AMOUNT, within_limits};

/// How negative numbers may be written, besides a leading minus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negative {
    /// `12.50-`
    TrailingMinus,
    /// `(12.50)`
    Parentheses,
}

/// How numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    /// `.` or `,`.
    pub decimal: char,
    /// What may separate groups of three digits; without it, nothing may.
    pub thousands: Option<char>,
    /// How negative numbers may be written, besides a leading minus.
    pub negative: Vec<Negative>,
    /// True where signs and codes of currencies, `Dr` and `Cr` may stand beside a number, and what keeps a
    /// spreadsheet from computing may stand before it.
    pub signs: bool,
    /// Words that stand for no amount, such as `-`.
    pub nothing: Vec<String>,
}

pub(super) fn point() -> char {
    '.'
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self { decimal: point(), thousands: None, negative: Vec::new(), signs: false, nothing: Vec::new() }
    }
}

/// An exact decimal: `mantissa` × 10^-`scale`. Sums and products that would lose a digit are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    mantissa: i128,
    scale: u32,
}

const MAX_SCALE: u32 = 28;

/// Digits, and a point among them, that 64 bits surely hold.
const SHORT: usize = 18;

/// What is wrong with an amount that could not be summed with others.
pub(super) fn too_large(currency: Currency) -> String {
    let largest = Money::new(LARGEST_AMOUNT, currency);
    format!("the amount, or what it adds up to, is more than {largest}: correct it at its source")
}

impl Exact {
    /// Nothing.
    pub const ZERO: Exact = Exact { mantissa: 0, scale: 0 };

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Exact) -> Option<Exact> {
        let scale = self.scale.max(other.scale);
        let mantissa = self.at(scale)?.checked_add(other.at(scale)?)?;
        Some(Exact { mantissa, scale })
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Exact) -> Option<Exact> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Exact { mantissa, scale: self.scale + other.scale })
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Exact {
        Exact { mantissa: -self.mantissa, ..self }
    }

    /// True for nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The amount in whole units of the currency's smallest; `None` where it is more than can be summed.
    #[must_use]
    pub fn rounded(self, currency: Currency, rounding: Rounding) -> Option<Exact> {
        let money = Money::from_decimal(self.decimal()?, currency, rounding).ok()?;
        Some(Exact { mantissa: i128::from(money.minor()), scale: currency.exponent() })
    }

    /// True below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// Whole units of 10^-`exponent`, where no digit is lost and they are few enough to be summed
    /// ([`crate::kit::LARGEST_AMOUNT`]).
    #[must_use]
    pub fn minor(self, exponent: u32) -> Option<i64> {
        let mut value = self;
        while value.scale > exponent {
            if value.mantissa % 10 != 0 {
                return None;
            }
            value = Exact { mantissa: value.mantissa / 10, scale: value.scale - 1 };
        }
        within_limits(value.at(exponent)?)
    }

    /// True where more units of 10^-`exponent` than can be summed are in it, with digits beyond or without.
    #[must_use]
    pub fn is_too_large(self, exponent: u32) -> bool {
        // Nearly every amount: what is few units with its digits beyond is no more without them.
        if self.scale >= exponent && within_limits(self.mantissa).is_some() {
            return false;
        }
        let whole = match self.scale.checked_sub(exponent) {
            // A unit beyond 128 bits leaves nothing whole.
            Some(down) => Some(10_i128.checked_pow(down).map_or(0, |unit| self.mantissa / unit)),
            None => self.at(exponent),
        };
        whole.and_then(within_limits).is_none()
    }

    /// As a decimal, where it fits.
    #[must_use]
    pub fn decimal(self) -> Option<Decimal> {
        let mut value = self;
        while value.scale > MAX_SCALE && value.mantissa % 10 == 0 {
            value = Exact { mantissa: value.mantissa / 10, scale: value.scale - 1 };
        }
        Decimal::try_from_i128_with_scale(value.mantissa, value.scale).ok()
    }

    fn at(self, scale: u32) -> Option<i128> {
        let up = scale.checked_sub(self.scale)?;
        if up == 0 { Some(self.mantissa) } else { self.mantissa.checked_mul(10_i128.checked_pow(up)?) }
    }
}

impl NumberFormat {
    /// Checks the format itself; the error says what is wrong.
    ///
    /// # Errors
    /// A text for people.
    pub fn check(&self) -> Result<(), String> {
        if !matches!(self.decimal, '.' | ',') {
            return Err("decimal must be \".\" or \",\"".to_owned());
        }
        match self.thousands {
            Some(c) if c == self.decimal => Err("thousands and decimal must differ".to_owned()),
            Some(c) if !matches!(c, '.' | ',' | ' ' | '\'') => {
                Err("thousands must be one of \",\", \".\", \"'\" or a space".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Reads a trimmed cell; the error says what is wrong with it.
    ///
    /// # Errors
    /// A text for people.
    pub fn parse(&self, text: &str) -> Result<Exact, String> {
        match self.short(text) {
            Some(exact) => Ok(exact),
            None => self.parse_any(text),
        }
    }

    /// A number as most are: at most eighteen digits, a minus before them, a point among them. `None` leaves
    /// it to be read with all that may be written besides.
    fn short(&self, text: &str) -> Option<Exact> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if self.signs || digits.len() > SHORT {
            return None;
        }
        let (mut mantissa, mut point) = (0_i64, None);
        for (at, byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
                byte if point.is_none() && char::from(*byte) == self.decimal => point = Some(at + 1),
                _ => return None,
            }
        }
        if digits.len() == usize::from(point.is_some()) {
            return None;
        }
        let scale = u32::try_from(point.map_or(0, |from| digits.len() - from)).ok()?;
        Some(Exact { mantissa: i128::from(if negative { -mantissa } else { mantissa }), scale })
    }

    fn parse_any(&self, text: &str) -> Result<Exact, String> {
        let refused = || format!("\"{text}\" is not a number as the column map describes them");
        let tidy = self.signs.then(|| adorned::bare(text));
        let (flipped, bare) = match &tidy {
            Some(None) => return Err(refused()),
            Some(Some((flipped, bare))) => (*flipped, bare.as_str()),
            None => (false, text),
        };
        let (negative, digits) = self.sign(bare).ok_or_else(refused)?;
        let negative = negative != flipped;
        let mut mantissa: i128 = 0;
        let (mut scale, mut count) = (0_u32, 0_u32);
        let (mut group, mut grouped, mut fraction) = (0_u32, false, false);
        // Lakh and crore: groups of two before the last one of three.
        let mut pairs: Option<bool> = None;
        for c in digits.chars() {
            match c {
                '0'..='9' => {
                    let digit = i128::from(u32::from(c) - u32::from('0'));
                    mantissa = mantissa * 10 + digit;
                    count += u32::from(mantissa != 0);
                    group += 1;
                    scale += u32::from(fraction);
                    if count > MAX_SCALE || scale > MAX_SCALE {
                        return Err(format!("\"{text}\" has more than 28 digits"));
                    }
                }
                c if c == self.decimal && !fraction => {
                    if grouped && group != 3 {
                        return Err(refused());
                    }
                    (fraction, group) = (true, 0);
                }
                c if self.is_thousands(c) && !fraction => {
                    let legal = match (grouped, pairs) {
                        (false, _) => (1..=3).contains(&group),
                        (true, None) => group == 3 || (self.signs && group == 2),
                        (true, Some(pairs)) => group == if pairs { 2 } else { 3 },
                    };
                    if !legal {
                        return Err(refused());
                    }
                    if grouped {
                        pairs = Some(group == 2);
                    }
                    (grouped, group) = (true, 0);
                }
                _ => return Err(refused()),
            }
        }
        let whole_ends_well = fraction || !grouped || group == 3;
        if !digits.bytes().any(|b| b.is_ascii_digit()) || !whole_ends_well {
            return Err(refused());
        }
        Ok(Exact { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// True where a text stands for no amount.
    #[must_use]
    pub fn is_nothing(&self, text: &str) -> bool {
        self.nothing.iter().any(|word| word == text)
    }

    fn sign<'t>(&self, text: &'t str) -> Option<(bool, &'t str)> {
        if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
            return Some((true, rest));
        }
        if let Some(rest) = text.strip_prefix('+') {
            return Some((false, rest));
        }
        if let Some(rest) = text.strip_suffix('-') {
            return self.negative.contains(&Negative::TrailingMinus).then_some((true, rest));
        }
        if let Some(rest) = text.strip_prefix('(') {
            let inner = rest.strip_suffix(')')?;
            return self.negative.contains(&Negative::Parentheses).then_some((true, inner));
        }
        Some((false, text))
    }

    fn is_thousands(&self, c: char) -> bool {
        match self.thousands {
            Some(' ') => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
            Some('\'') => matches!(c, '\'' | '\u{2019}'),
            Some(separator) => c == separator,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(decimal: char, thousands: Option<char>) -> NumberFormat {
        let negative = vec![Negative::TrailingMinus, Negative::Parentheses];
        NumberFormat { decimal, thousands, negative, ..NumberFormat::default() }
    }

    #[track_caller]
    fn check(format: &NumberFormat, text: &str, want: Option<&str>) {
        let got = format.parse(text).ok().map(|e| e.decimal().unwrap().to_string());
        assert_eq!(got.as_deref(), want, "{text}");
    }

    #[test]
    fn numbers_are_read_as_the_map_describes_them() {
        let english = format('.', Some(','));
        check(&english, "1,234.50", Some("1234.50"));
        check(&english, "-0.005", Some("-0.005"));
        check(&english, "(12.50)", Some("-12.50"));
        check(&english, "12.50-", Some("-12.50"));
        check(&english, "+7", Some("7"));
        check(&english, ".5", Some("0.5"));
        let german = format(',', Some('.'));
        check(&german, "1.234,50", Some("1234.50"));
        check(&german, "1.234", Some("1234"));
        check(&format(',', Some(' ')), "1\u{a0}234,5", Some("1234.5"));
    }

    #[test]
    fn a_decimal_comma_is_not_taken_for_a_thousands_separator() {
        let english = format('.', Some(','));
        for text in ["12,50", "1,2345", "1234,567", ",123", "1,,234", "12.3.4", "1,23.4", "1,234,"] {
            check(&english, text, None);
        }
    }

    #[test]
    fn signs_and_codes_beside_a_number_are_read_where_the_map_says_so() {
        let signs = NumberFormat { signs: true, ..format('.', Some(',')) };
        for (text, want) in [
            ("$1,250.00", "1250.00"),
            ("($1,250.00)", "-1250.00"),
            ("-$1,250.00", "-1250.00"),
            ("$-1,250.00", "-1250.00"),
            ("1250.00 USD", "1250.00"),
            ("USD 1,250.00-", "-1250.00"),
            ("1250.00 Dr", "1250.00"),
            ("1250.00 CR", "-1250.00"),
            ("1250.00Cr.", "-1250.00"),
            ("- 1250.00", "-1250.00"),
            ("\u{2212}1250.00", "-1250.00"),
            ("=\"-1250.00\"", "-1250.00"),
            ("'-75.63", "-75.63"),
            ("1,25,000.00", "125000.00"),
            ("1,00,25,000", "10025000"),
            ("\u{a0}1250.00", "1250.00"),
            ("R$ 12.50", "12.50"),
        ] {
            check(&signs, text, Some(want));
        }
        for text in ["1.25E+03", "Cr", "12 apples", "1,25,00.00", "1,250,00", "$", "", "--5", "-5 Cr"] {
            check(&signs, text, None);
        }
        let swiss = NumberFormat { signs: true, ..format('.', Some('\'')) };
        check(&swiss, "-1\u{2019}250.00", Some("-1250.00"));
        let german = NumberFormat { signs: true, ..format(',', Some('.')) };
        check(&german, "-1.250,00 \u{20ac}", Some("-1250.00"));
        check(&german, "1.250,00 H", Some("-1250.00"));
    }

    #[test]
    fn what_is_not_plainly_a_number_is_refused() {
        for text in ["", "-", ".", "1e3", "12 GBP", "£5", "NaN", "--1", "(5", "5)", "-(5)", "٣"] {
            check(&NumberFormat::default(), text, None);
        }
        let plain = NumberFormat::default();
        check(&plain, "(5)", None);
        check(&plain, "5-", None);
        assert!(plain.parse("12345678901234567890123456789").is_err());
    }

    #[test]
    fn reading_sums_and_products_agree_with_an_independent_decimal() {
        let plain = NumberFormat::default();
        let read = |d: Decimal| plain.parse(&d.to_string()).unwrap();
        let mantissas = [-987_654_321_i64, -1_000, -7, -1, 0, 1, 5, 10, 995, 1_234_567];
        for (a, s) in mantissas.iter().flat_map(|m| (0..6).map(move |s| (*m, s))) {
            let x = Decimal::new(a, s);
            assert_eq!(read(x).decimal().unwrap(), x);
            for (b, t) in mantissas.iter().flat_map(|m| (0..6).map(move |t| (*m, t))) {
                let y = Decimal::new(b, t);
                assert_eq!(read(x).plus(read(y)).unwrap().decimal().unwrap(), x + y);
                assert_eq!(read(x).times(read(y)).unwrap().decimal().unwrap(), x * y);
            }
        }
    }

    #[test]
    fn a_short_number_is_read_as_any_other() {
        let formats = [NumberFormat::default(), format('.', Some(',')), format(',', Some('.'))];
        for text in [
            "",
            "-",
            ".",
            "-.",
            ",",
            "0",
            "-0",
            "00.50",
            ".5",
            "5.",
            "-5.",
            "-.5",
            "1.5",
            "1,5",
            "1.2.3",
            "1,234.5",
            "--1",
            "1-",
            "+1",
            "(1)",
            "12a",
            "a",
            "\u{2212}1",
            "٣",
            "999999999999999999",
            "-99999999999999999.9",
            "9999999999999999999",
            "0.00000000000000001",
        ] {
            for format in &formats {
                let (short, any) = (format.short(text), format.parse_any(text));
                assert!(short.is_none_or(|short| any == Ok(short)), "{text}: {short:?}, {any:?}");
            }
        }
        let plain = NumberFormat::default();
        assert_eq!(plain.short("-99999999999999.99"), plain.parse_any("-99999999999999.99").ok());
    }

    #[test]
    fn minor_units_lose_no_digit() {
        let minor = |text: &str, exponent| NumberFormat::default().parse(text).unwrap().minor(exponent);
        assert_eq!(minor("12.3400", 2), Some(1_234));
        assert_eq!(minor("12.345", 2), None);
        assert_eq!(minor("1234", 0), Some(1_234));
        assert_eq!(minor("1.5", 3), Some(1_500));
        assert_eq!(minor("2882303761517117.43", 2), Some(288_230_376_151_711_743));
        assert_eq!(minor("2882303761517117.44", 2), None, "more than can be summed");
        assert_eq!(minor("92233720368547758.07", 2), None, "the last of 64 bits");
        let large =
            |text: &str, exponent| NumberFormat::default().parse(text).unwrap().is_too_large(exponent);
        assert!(large("2882303761517117.44", 2) && large("-92233720368547758.08", 2));
        assert!(large("2882303761517117.440001", 2) && large("288230376151711744", 0));
        assert!(!large("2882303761517117.439999", 2) && !large("-1.5", 0));
    }
}
