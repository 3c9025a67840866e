//! The tie-out as a person waits for it: opened in a new process over the books of `books.sql`, at ten
//! thousand, a hundred thousand and a million documents (or up to `TIEOUT_BENCH_DOCUMENTS`).

use std::time::Instant;

use tieout_desk::{
    close::tie_out::{self, TieOutRequest},
    intake::detection,
};

use crate::{
    figures::{Line, Outcome, Series, require},
    import::micros,
    matching::{count, make_books},
    place::{Place, open},
};

/// Measures opening it whole, and one entity's period of it.
///
/// # Errors
/// Cells that nothing explains, or what went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for documents in [10_000, 100_000, 1_000_000].into_iter().filter(|documents| *documents <= count()) {
        let workspace = make_books(&place.fresh("tieout")?, documents)?;
        detection::detect(&open(&workspace)?, None)?;
        let (mut whole, mut one) = (Series::default(), Series::default());
        for _ in 0..rounds {
            let desk = open(&workspace)?;
            let start = Instant::now();
            let cells = tie_out::tie_out(&desk, &TieOutRequest::default())?;
            whole.push(micros(start));
            let open = cells.iter().filter(|cell| cell.unexplained_minor != 0).count();
            require(open == 0 && !cells.is_empty(), || {
                format!("nothing explains {open} of {}", cells.len())
            })?;
            let start = Instant::now();
            let (entity, period) = (Some(cells[0].entity.clone()), Some(cells[0].period.clone()));
            tie_out::tie_out(&desk, &TieOutRequest { entity, period, ..TieOutRequest::default() })?;
            one.push(micros(start));
        }
        let what = format!("the tie-out of {documents} documents opens");
        lines.push(Line::millis(what, &whole).aim("≤ 50 ms"));
        lines.push(Line::millis("… of one entity and period", &one));
    }
    Ok(lines)
}
