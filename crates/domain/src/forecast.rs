//! When what blocks a close will be settled, from how it went on the days before: the likely number of days,
//! and between which bounds.

/// What came and what went on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayMoved {
    /// How many came.
    pub opened: u64,
    /// How many were settled.
    pub closed: u64,
}

/// So many days further, and no more is said.
pub const FURTHEST: u64 = 60;

/// In how many working days nothing will be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// At the pace of the better half of the days.
    pub earliest: u64,
    /// At the pace of all days.
    pub likely: u64,
    /// At the pace of the other half; `None` where that half settles nothing, or takes too long to be said.
    pub latest: Option<u64>,
}

/// Days until `open` are settled when each `days` settle `net` together; `None` where they settle nothing.
fn days_until(open: u64, net: i128, days: usize) -> Option<u64> {
    let (net, days) = (u128::try_from(net).ok().filter(|net| *net > 0)?, u128::try_from(days).ok()?);
    let needed = (u128::from(open) * days).div_ceil(net);
    u64::try_from(needed).ok().filter(|days| *days <= FURTHEST)
}

/// The forecast from the days before, in any order; `None` where at their pace it never comes to an end, or
/// fewer than two days are known.
#[must_use]
pub fn forecast(open: u64, days: &[DayMoved]) -> Option<Forecast> {
    if open == 0 {
        return Some(Forecast { earliest: 0, likely: 0, latest: Some(0) });
    }
    if days.len() < 2 {
        return None;
    }
    let mut nets: Vec<i128> =
        days.iter().map(|day| i128::from(day.closed) - i128::from(day.opened)).collect();
    nets.sort_unstable();
    let half = nets.len().div_ceil(2);
    let (worse, better) = (&nets[..half], &nets[nets.len() - half..]);
    Some(Forecast {
        earliest: days_until(open, better.iter().sum(), half)?,
        likely: days_until(open, nets.iter().sum(), nets.len())?,
        latest: days_until(open, worse.iter().sum(), half),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What blocks now, what was opened and closed each day, and the earliest, likely and latest day.
    type Case<'a> = (u64, &'a [(u64, u64)], Option<(u64, u64, Option<u64>)>);

    #[test]
    fn it_is_as_far_as_the_pace_of_the_days_says_with_its_bounds() {
        let table: [Case<'_>; 9] = [
            (0, &[], Some((0, 0, Some(0)))),
            // Four a day, every day.
            (12, &[(0, 4), (0, 4), (0, 4)], Some((3, 3, Some(3)))),
            // Six on good days, two on others: four on the whole.
            (12, &[(0, 6), (0, 2), (0, 6), (0, 2)], Some((2, 3, Some(6)))),
            // What comes is taken off: three a day.
            (12, &[(1, 4), (1, 4)], Some((4, 4, Some(4)))),
            // Part of a day is a day.
            (7, &[(0, 3), (0, 3)], Some((3, 3, Some(3)))),
            // On bad days nothing is settled: no latest day can be said.
            (12, &[(0, 6), (0, 0)], Some((2, 4, None))),
            // As many come as go.
            (12, &[(4, 4), (2, 2)], None),
            (12, &[(9, 4), (5, 2)], None),
            (12, &[(0, 4)], None),
        ];
        for (open, days, want) in table {
            let days: Vec<DayMoved> =
                days.iter().map(|(opened, closed)| DayMoved { opened: *opened, closed: *closed }).collect();
            let got = forecast(open, &days).map(|one| (one.earliest, one.likely, one.latest));
            assert_eq!(got, want, "{open} open after {days:?}");
        }
        let slow = [DayMoved { opened: 0, closed: 1 }, DayMoved { opened: 0, closed: 1 }];
        assert_eq!(forecast(FURTHEST + 1, &slow), None, "beyond what can be said");
        assert!(forecast(u64::MAX, &slow).is_none());
    }
}
