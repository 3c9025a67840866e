//! How the text of a file is encoded: named by a map, or found by its bytes.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use serde::{Deserialize, Serialize};

/// How the bytes of a text are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8; anything else is a rejected row.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// The Western European code page of Windows, which holds Latin-1.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// UTF-16, the low byte first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, the high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// The Central European code page of Windows.
    #[serde(rename = "windows-1250")]
    Windows1250,
    /// The Cyrillic code page of Windows.
    #[serde(rename = "windows-1251")]
    Windows1251,
    /// The Greek code page of Windows.
    #[serde(rename = "windows-1253")]
    Windows1253,
    /// The Turkish code page of Windows.
    #[serde(rename = "windows-1254")]
    Windows1254,
    /// The Baltic code page of Windows.
    #[serde(rename = "windows-1257")]
    Windows1257,
    /// Latin-2.
    #[serde(rename = "iso-8859-2")]
    Iso8859_2,
    /// The Western European code page of the older Mac.
    #[serde(rename = "macintosh")]
    Macintosh,
}

/// Each with its name and its reader.
const ALL: [(Encoding, &str, &encoding_rs::Encoding); 11] = [
    (Encoding::Utf8, "utf-8", encoding_rs::UTF_8),
    (Encoding::Windows1252, "windows-1252", encoding_rs::WINDOWS_1252),
    (Encoding::Utf16Le, "utf-16le", encoding_rs::UTF_16LE),
    (Encoding::Utf16Be, "utf-16be", encoding_rs::UTF_16BE),
    (Encoding::Windows1250, "windows-1250", encoding_rs::WINDOWS_1250),
    (Encoding::Windows1251, "windows-1251", encoding_rs::WINDOWS_1251),
    (Encoding::Windows1253, "windows-1253", encoding_rs::WINDOWS_1253),
    (Encoding::Windows1254, "windows-1254", encoding_rs::WINDOWS_1254),
    (Encoding::Windows1257, "windows-1257", encoding_rs::WINDOWS_1257),
    (Encoding::Iso8859_2, "iso-8859-2", encoding_rs::ISO_8859_2),
    (Encoding::Macintosh, "macintosh", encoding_rs::MACINTOSH),
];

/// How much of a text is looked at.
const SNIFF: usize = 256 << 10;

impl Encoding {
    /// The name, as a map says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ALL.iter().find(|(known, ..)| *known == self).map_or("utf-8", |(_, name, _)| name)
    }

    fn reader(self) -> &'static encoding_rs::Encoding {
        ALL.iter().find(|(known, ..)| *known == self).map_or(encoding_rs::UTF_8, |(.., reader)| reader)
    }

    /// True where cells can be read one by one as they stand in the file.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Encoding::Utf8 | Encoding::Windows1252)
    }

    /// The encoding that the bytes of a text are in: by their mark, by their zeros, as UTF-8 where they are
    /// that, else by the letters that they would be.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if let Some((marked, _)) = encoding_rs::Encoding::for_bom(bytes) {
            return Self::named(marked);
        }
        let head = &bytes[..bytes.len().min(SNIFF)];
        let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
        let (high, low) = (zeros(0), zeros(1));
        let many = head.len() / 5;
        if low > many && low > 4 * high {
            return Encoding::Utf16Le;
        }
        if high > many && high > 4 * low {
            return Encoding::Utf16Be;
        }
        if std::str::from_utf8(bytes).is_ok() {
            return Encoding::Utf8;
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        Self::named(detector.guess(None, Utf8Detection::Deny))
    }

    fn named(reader: &'static encoding_rs::Encoding) -> Self {
        let known = ALL.iter().find(|(.., known)| *known == reader);
        known.map_or(Encoding::Windows1252, |(encoding, ..)| *encoding)
    }

    /// The whole text, without its mark; true beside it where bytes were no text of this encoding.
    #[must_use]
    pub fn text(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        self.reader().decode_with_bom_removal(bytes)
    }
}

/// Text of a cell; `None` where the bytes are not text of this encoding.
#[must_use]
pub fn decode(bytes: &[u8], encoding: Encoding) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        _ if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        other => other.reader().decode_without_bom_handling_and_without_replacement(bytes),
    }
}

/// Text of a cell, with marks in the place of what is not text.
#[must_use]
pub fn text_of(bytes: &[u8], encoding: Encoding) -> String {
    decode(bytes, encoding).unwrap_or_else(|| String::from_utf8_lossy(bytes)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let unit = |u: u16| if little { u.to_le_bytes() } else { u.to_be_bytes() };
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn an_encoding_is_found_by_mark_zeros_or_letters() {
        let text = "Konto;Betrag\r\n1200;Gutschrift für Müller über 12,00 €\r\n";
        assert_eq!(Encoding::of(text.as_bytes()), Encoding::Utf8);
        for (little, encoding) in [(true, Encoding::Utf16Le), (false, Encoding::Utf16Be)] {
            let bytes = utf16(text, little);
            assert_eq!(Encoding::of(&bytes), encoding);
            assert_eq!(encoding.text(&bytes), (Cow::Borrowed(text), false));
            let marked = utf16(&format!("\u{feff}{text}"), little);
            assert_eq!((Encoding::of(&marked), encoding.text(&marked).0), (encoding, Cow::Borrowed(text)));
        }
        let (windows, ..) = encoding_rs::WINDOWS_1252.encode(text);
        assert_eq!(Encoding::of(&windows), Encoding::Windows1252);
        assert_eq!(Encoding::of(b"plain"), Encoding::Utf8);
    }
}
