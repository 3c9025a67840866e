//! Parameters of a list request.

use super::problem::Problem;

/// Parsed parameters: paging, a span of creation, and the filters that the endpoint knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// 1–100, 10 unless asked.
    pub(super) limit: usize,
    pub(super) starting_after: Option<String>,
    /// Inclusive.
    pub(super) from: i64,
    /// Inclusive.
    pub(super) to: i64,
    pub(super) expand: Vec<String>,
    filters: Vec<(String, String)>,
}

impl Query {
    /// Reads the parameters; `known` are the filters of the endpoint.
    pub(super) fn parse(pairs: &[(String, String)], known: &[&str]) -> Result<Self, Problem> {
        let mut query = Self {
            limit: 10,
            starting_after: None,
            from: i64::MIN,
            to: i64::MAX,
            expand: Vec::new(),
            filters: Vec::new(),
        };
        for (name, value) in pairs {
            match name.as_str() {
                "limit" => {
                    query.limit =
                        value.parse().ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
                            Problem::invalid("limit", format!("Invalid integer: {value} (must be 1 to 100)"))
                        })?;
                }
                "starting_after" => query.starting_after = Some(value.clone()),
                "created" => (query.from, query.to) = (instant(name, value)?, instant(name, value)?),
                "created[gte]" => query.from = query.from.max(instant(name, value)?),
                "created[gt]" => query.from = query.from.max(instant(name, value)?.saturating_add(1)),
                "created[lte]" => query.to = query.to.min(instant(name, value)?),
                "created[lt]" => query.to = query.to.min(instant(name, value)?.saturating_sub(1)),
                _ if name == "expand[]" || name.starts_with("expand[") => query.expand.push(value.clone()),
                _ if known.contains(&name.as_str()) => query.filters.push((name.clone(), value.clone())),
                _ => return Err(Problem::unknown_parameter(name)),
            }
        }
        Ok(query)
    }

    /// The value of a filter, if given.
    pub(super) fn filter(&self, name: &str) -> Option<&str> {
        self.filters.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// All values of a filter that may be repeated (`types[]`).
    pub(super) fn filters(&self, name: &str) -> Vec<&str> {
        self.filters.iter().filter(|(of, _)| of == name).map(|(_, value)| value.as_str()).collect()
    }

    /// A filter that must be a time.
    pub(super) fn required_instant(&self, name: &str) -> Result<i64, Problem> {
        let value = self.filter(name).ok_or_else(|| Problem::missing_parameter(name))?;
        instant(name, value)
    }
}

fn instant(name: &str, value: &str) -> Result<i64, Problem> {
    value.parse().map_err(|_| Problem::invalid(name, format!("Invalid timestamp: {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)]) -> Result<Query, Problem> {
        let pairs: Vec<_> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Query::parse(&pairs, &["customer"])
    }

    #[test]
    fn spans_of_creation_narrow_each_other() {
        let query = check(&[("created[gt]", "10"), ("created[gte]", "5"), ("created[lt]", "20")]).unwrap();
        assert_eq!((query.from, query.to, query.limit), (11, 19, 10));
    }

    #[test]
    fn what_stripe_would_refuse_is_refused() {
        for pairs in [[("limit", "0")], [("limit", "101")], [("colour", "red")], [("created[gt]", "today")]] {
            let problem = check(&pairs).unwrap_err();
            assert_eq!(problem.status.as_u16(), 400, "{pairs:?}");
        }
    }
}
