//! Decimals as texts, the way they are kept and hashed. An import writes some forty for each document, and
//! `Display` with its padding takes three times as long.

use rust_decimal::Decimal;

/// Digits of the longest number (2^96 has 29), with a sign, a point and a zero before it.
const LONGEST: usize = 34;

/// Appends the number with all the digits that it has, as its `Display` does: `12.50`, `-0.5`.
pub fn push(text: &mut String, number: Decimal) {
    let mut digits = [b'0'; LONGEST];
    let (mut rest, scale) = (number.mantissa().unsigned_abs(), number.scale());
    let (mut start, mut written) = (LONGEST, 0);
    while rest > 0 || written <= scale {
        if written == scale && scale > 0 {
            put(&mut digits, &mut start, b'.');
        }
        let (quotient, digit) = match u64::try_from(rest) {
            Ok(small) => (u128::from(small / 10), small % 10),
            Err(_) => (rest / 10, u64::try_from(rest % 10).unwrap_or(0)),
        };
        put(&mut digits, &mut start, b'0' + u8::try_from(digit).unwrap_or(0));
        (rest, written) = (quotient, written + 1);
    }
    if number.is_sign_negative() {
        put(&mut digits, &mut start, b'-');
    }
    text.push_str(
        digits.get(start..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default(),
    );
}

fn put(digits: &mut [u8; LONGEST], start: &mut usize, byte: u8) {
    *start = start.saturating_sub(1);
    if let Some(place) = digits.get_mut(*start) {
        *place = byte;
    }
}

/// Of a number as [`push`] writes it: without zeros at the end of its fraction, and nothing as `0`.
#[must_use]
pub fn shortest(text: &str) -> &str {
    let short = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    };
    if short == "-0" { "0" } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_its_own_display_and_shortened_as_when_normalised() {
        let mut numbers: Vec<Decimal> =
            [0_i64, 1, 9, 10, 99, 100, 12_345, i64::MAX, -1, -10, -1_200, i64::MIN]
                .iter()
                .flat_map(|mantissa| (0..=28).map(|scale| Decimal::new(*mantissa, scale)))
                .collect();
        numbers.extend([Decimal::MAX, Decimal::MIN, -Decimal::ZERO, Decimal::from_parts(0, 0, 0, true, 3)]);
        numbers.extend((0..=28).map(|scale| Decimal::from_i128_with_scale(-(1_i128 << 95) - 7, scale)));
        for number in numbers {
            let mut text = String::new();
            push(&mut text, number);
            assert_eq!(text, number.to_string());
            assert_eq!(shortest(&text), number.normalize().to_string());
        }
    }
}
