//! A file as rows of cells, whatever it was written by. All texts stand in one, so that a large file is held
//! once and not cell by cell.

use super::xlsx::BadCells;

/// A cell's place in the text, and whether a workbook holds it as a number or a date of its own.
#[derive(Clone, Copy, Debug)]
struct Cell {
    from: usize,
    to: usize,
    native: bool,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    number: u64,
    cell: usize,
}

/// Rows of cells.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    text: String,
    cells: Vec<Cell>,
    rows: Vec<Start>,
    /// Cells of a workbook that cannot be told as exact text.
    pub bad: BadCells,
}

impl Grid {
    /// Begins a row of this number, as a spreadsheet shows it.
    pub fn begin(&mut self, number: u64) {
        self.rows.push(Start { number, cell: self.cells.len() });
    }

    /// Adds a cell to the row that was begun, without the white space around it.
    pub fn put(&mut self, text: &str, native: bool) {
        let from = self.text.len();
        let text = text.trim_matches(is_blank);
        // `="00017"` keeps a spreadsheet from reading a text as a number.
        let kept = text.strip_prefix("=\"").and_then(|inner| inner.strip_suffix('"'));
        let plain = kept.filter(|inner| !inner.contains('"')).unwrap_or(text);
        self.text.push_str(plain.trim_matches(is_blank));
        self.cells.push(Cell { from, to: self.text.len(), native });
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of a row, as a spreadsheet shows it.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |start| start.number)
    }

    fn span(&self, row: usize) -> &[Cell] {
        let Some(start) = self.rows.get(row) else { return &[] };
        let end = self.rows.get(row + 1).map_or(self.cells.len(), |next| next.cell);
        self.cells.get(start.cell..end).unwrap_or_default()
    }

    /// The texts of a row's cells.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.span(row).iter().map(|cell| self.text.get(cell.from..cell.to).unwrap_or_default())
    }

    /// How many cells a row has.
    #[must_use]
    pub fn width(&self, row: usize) -> usize {
        self.span(row).len()
    }

    /// The text of a cell; nothing where there is none.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.row(row).nth(column).unwrap_or_default()
    }

    /// True where a workbook holds the cell as a number or a date, and not as text.
    #[must_use]
    pub fn is_native(&self, row: usize, column: usize) -> bool {
        self.span(row).get(column).is_some_and(|cell| cell.native)
    }

    /// True where no cell of a row holds anything.
    #[must_use]
    pub fn is_blank(&self, row: usize) -> bool {
        self.span(row).iter().all(|cell| cell.from == cell.to) && !self.bad.any(self.number(row))
    }
}

/// White space, and what is printed as nothing.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
}

/// How a text is cut into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What separates cells.
    pub delimiter: char,
    /// False where quotes are text as any other.
    pub quotes: bool,
    /// True for a printed list: bars between cells, rules of dashes between parts.
    pub list: bool,
}

/// A quote that swallows rows: the number of the row that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed(pub u64);

/// The line of a text by which a spreadsheet is told the separator: `sep=;`.
#[must_use]
pub fn separator_line(text: &str) -> Option<(char, &str)> {
    let line = text.split(['\n', '\r']).next()?;
    let bare = line.trim().trim_matches('"');
    let named = bare.strip_prefix("sep=").or_else(|| bare.strip_prefix("SEP="))?;
    let mut chars = named.chars();
    let separator = chars.next().unwrap_or('\t');
    chars.next().is_none().then_some((separator, &text[line.len()..]))
}

/// Cuts a text into rows and cells, the first `most` of them. Line ends are those of any system.
///
/// # Errors
/// [`Unclosed`].
pub fn cut(text: &str, how: Cut, most: usize) -> Result<Grid, Unclosed> {
    let (text, first) = match separator_line(text) {
        Some((_, rest)) => (rest.strip_prefix("\r\n").or(rest.get(1..)).unwrap_or_default(), 2),
        None => (text, 1),
    };
    if how.list { Ok(list(text, how.delimiter, (first, most))) } else { table(text, how, (first, most)) }
}

fn list(text: &str, bar: char, (first, most): (u64, usize)) -> Grid {
    let mut grid = Grid::default();
    for (n, line) in text.lines().enumerate().take(most) {
        grid.begin(first + n as u64);
        let line = line.trim_end();
        let is_rule = line.chars().all(|c| matches!(c, '-' | '=' | '_' | '+' | ' ') || c == bar);
        if is_rule {
            continue;
        }
        let inner = line.strip_prefix(bar).unwrap_or(line);
        let inner = inner.strip_suffix(bar).unwrap_or(inner);
        inner.split(bar).for_each(|cell| grid.put(cell, false));
    }
    grid
}

fn table(text: &str, how: Cut, (first, most): (u64, usize)) -> Result<Grid, Unclosed> {
    let mut grid = Grid::default();
    let (mut rest, mut number) = (text, first);
    let mut held = String::new();
    while !rest.is_empty() && grid.len() < most {
        grid.begin(number);
        loop {
            let cell = match rest.strip_prefix('"').filter(|_| how.quotes) {
                Some(inner) => quoted(inner, how.delimiter, &mut held).ok_or(Unclosed(number))?,
                None => {
                    let end = rest.find([how.delimiter, '\n', '\r']);
                    let end = end.unwrap_or(rest.len());
                    held.clear();
                    held.push_str(&rest[..end]);
                    &rest[end..]
                }
            };
            grid.put(&held, false);
            rest = cell;
            match rest.strip_prefix(how.delimiter) {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
        number += 1;
    }
    Ok(grid)
}

/// Reads a quoted cell into `held` and returns what follows it; `None` where it does not end before a
/// separator or the end of a line although it goes over several lines.
fn quoted<'t>(inner: &'t str, delimiter: char, held: &mut String) -> Option<&'t str> {
    held.clear();
    let mut rest = inner;
    loop {
        let end = rest.find('"')?;
        held.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                held.push('"');
                rest = more;
            }
            None => break,
        }
    }
    let follows = |c: char| c == delimiter || c == '\n' || c == '\r';
    if rest.is_empty() || rest.starts_with(follows) {
        return Some(rest);
    }
    // Text behind a quote: `"19" rack` is a text that holds one, as long as it stays in its line.
    if held.contains(['\n', '\r']) {
        return None;
    }
    let end = rest.find(follows).unwrap_or(rest.len());
    held.push('"');
    held.push_str(&rest[..end]);
    Some(&rest[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Cut = Cut { delimiter: ';', quotes: true, list: false };

    fn rows(text: &str, how: Cut) -> Vec<(u64, Vec<String>)> {
        let grid = cut(text, how, usize::MAX).unwrap();
        (0..grid.len()).map(|n| (grid.number(n), grid.row(n).map(str::to_owned).collect())).collect()
    }

    fn row(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn rows_are_cut_at_the_line_ends_of_any_system() {
        for text in ["a;b\r\n\r\n1;2\r\n", "a;b\n\n1;2\n", "a;b\r\r1;2\r", "a;b\n\n1;2"] {
            assert_eq!(
                rows(text, PLAIN),
                [row(1, &["a", "b"]), row(2, &[""]), row(3, &["1", "2"])],
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_quoted_break_starts_no_row_and_a_stray_quote_is_text() {
        let text = "sep=;\nn;\"two\nlines\";\"a \"\"b\"\"\"\n19\" rack;\"19\" rack\";x\n";
        let wanted = [row(2, &["n", "two\nlines", "a \"b\""]), row(3, &["19\" rack", "19\" rack\"", "x"])];
        assert_eq!(rows(text, PLAIN), wanted);
        assert_eq!(cut("a\n1;\"swallowed\n2;x\n", PLAIN, 9).unwrap_err(), Unclosed(2));
        assert_eq!(cut("a\n1;\"swallowed\n2;\"x\n", PLAIN, 9).unwrap_err(), Unclosed(2));
    }

    #[test]
    fn a_printed_list_is_cut_at_its_bars_and_its_rules_are_blank() {
        let text = "Account  1400\n-------\n|No |Amount |\n|---+-------|\n| 1 |  5,00-|\n*  |   | 5,00-\n";
        let how = Cut { delimiter: '|', quotes: false, list: true };
        let wanted = [
            row(1, &["Account  1400"]),
            row(2, &[]),
            row(3, &["No", "Amount"]),
            row(4, &[]),
            row(5, &["1", "5,00-"]),
            row(6, &["*", "", "5,00-"]),
        ];
        assert_eq!(rows(text, how), wanted);
    }
}
