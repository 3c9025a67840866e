//! How a row of a table is written down for a hash: which column holds what, and of which kind.
//!
//! A column that holds nothing is left out, so that a column which a later version adds changes no hash of
//! the rows that do not use it. What is written can be read back in one way only: each value has its
//! column's place in the table, its kind and its length before it.

/// A value of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// The bits of a binary fraction; none of our columns holds one.
    Bits(u64),
    /// A text, as its bytes.
    Text(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// A text that may be absent.
    #[must_use]
    pub fn text(text: Option<&'a str>) -> Self {
        text.map_or(Value::Null, Value::word)
    }

    /// A text.
    #[must_use]
    pub fn word(text: &'a str) -> Self {
        Value::Text(text.as_bytes())
    }

    /// A whole number that may be absent.
    #[must_use]
    pub fn integer(number: Option<i64>) -> Self {
        number.map_or(Value::Null, Value::Integer)
    }

    /// Bytes that may be absent.
    #[must_use]
    pub fn bytes(bytes: Option<&'a [u8; 32]>) -> Self {
        bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes))
    }
}

/// What ends a row among several.
const END: u8 = 0xff;

/// Rows as they are hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<u8>);

impl Fields {
    /// Begins a row of the table of this name, whatever was written before.
    pub fn begin(&mut self, table: &str) {
        self.0.clear();
        self.counted(table.as_bytes());
    }

    /// Writes the value of the column at this place in the table, from 0.
    pub fn value(&mut self, place: u8, value: Value<'_>) {
        debug_assert!(place < END, "a table of ours has fewer columns");
        match value {
            Value::Null => {}
            Value::Integer(number) => {
                self.0.extend_from_slice(&[place, b'i']);
                // The sign in the lowest bit, so that small negative numbers are short too.
                self.number(((number << 1) ^ (number >> 63)) as u64);
            }
            Value::Bits(bits) => {
                self.0.extend_from_slice(&[place, b'f']);
                self.number(bits);
            }
            Value::Text(text) => {
                self.0.extend_from_slice(&[place, b't']);
                self.counted(text);
            }
            Value::Bytes(bytes) => {
                self.0.extend_from_slice(&[place, b'b']);
                self.counted(bytes);
            }
        }
    }

    /// Ends a row, where another may follow.
    fn end(&mut self) {
        self.0.push(END);
    }

    /// In groups of seven bits, the lowest first, each but the last with its highest bit set: most numbers
    /// and lengths are small.
    fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn counted(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The hash over the rows that belong to one row of another table, such as the lines of a document, in the
/// order of their key. It stands in that other row, which is sealed.
#[derive(Clone, Debug)]
pub struct LinesHash {
    fields: Fields,
    hasher: blake3::Hasher,
    any: bool,
}

impl LinesHash {
    /// The hash of the lines that a table of this name holds.
    #[must_use]
    pub fn of(table: &str) -> Self {
        let mut hash = Self { fields: Fields::default(), hasher: blake3::Hasher::new(), any: false };
        hash.fields.begin("lines");
        hash.fields.counted(table.as_bytes());
        hash
    }

    /// Adds a line: the values of its columns but the first, which names whose line it is.
    pub fn line<'a>(&mut self, values: impl IntoIterator<Item = Value<'a>>) {
        self.any = true;
        for (place, value) in (1_u8..).zip(values) {
            self.fields.value(place, value);
        }
        self.fields.end();
        self.hasher.update(&self.fields.0);
        self.fields.0.clear();
    }

    /// The hash; `None` where there is no line.
    #[must_use]
    pub fn finish(self) -> Option<[u8; 32]> {
        self.any.then(|| self.hasher.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[(u8, Value<'_>)]) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.begin("person");
        values.iter().for_each(|(place, value)| fields.value(*place, *value));
        fields.bytes().to_vec()
    }

    #[test]
    fn rows_that_differ_in_anything_are_written_differently() {
        let rows = [
            row(&[]),
            row(&[(0, Value::Integer(1))]),
            row(&[(1, Value::Integer(1))]),
            row(&[(0, Value::Integer(-1))]),
            row(&[(0, Value::Integer(0))]),
            row(&[(0, Value::Integer(127))]),
            row(&[(0, Value::Integer(128))]),
            row(&[(0, Value::Integer(i64::MAX))]),
            row(&[(0, Value::Integer(i64::MIN))]),
            row(&[(0, Value::Text(&[b'a'; 127]))]),
            row(&[(0, Value::Text(&[b'a'; 128]))]),
            row(&[(0, Value::Bits(1))]),
            row(&[(0, Value::Text(b"1"))]),
            row(&[(0, Value::Bytes(b"1"))]),
            row(&[(0, Value::Text(b""))]),
            row(&[(0, Value::Text(b"ab")), (1, Value::Text(b"c"))]),
            row(&[(0, Value::Text(b"a")), (1, Value::Text(b"bc"))]),
        ];
        for (at, one) in rows.iter().enumerate() {
            assert!(!rows[..at].contains(one), "{one:?}");
        }
    }

    #[test]
    fn a_column_that_holds_nothing_changes_nothing() {
        let with = row(&[(0, Value::Integer(1)), (1, Value::Null), (2, Value::Integer(2))]);
        assert_eq!(with, row(&[(0, Value::Integer(1)), (2, Value::Integer(2))]));
    }

    #[test]
    fn lines_count_with_their_order_and_where_one_ends() {
        let hash = |lines: &[&[Value<'_>]]| {
            let mut hash = LinesHash::of("entry_line");
            lines.iter().for_each(|line| hash.line(line.iter().copied()));
            hash.finish()
        };
        let (one, two) = (Value::Integer(1), Value::Integer(2));
        let all = [
            hash(&[&[one], &[two]]),
            hash(&[&[two], &[one]]),
            hash(&[&[one, two]]),
            hash(&[&[one]]),
            hash(&[&[Value::Null]]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(one.is_some() && !all[..at].contains(one), "{at}");
        }
        assert_eq!(hash(&[]), None);
        let mut other = LinesHash::of("document_lines");
        other.line([one]);
        assert_ne!(other.finish(), hash(&[&[one]]));
    }
}
