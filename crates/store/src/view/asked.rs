//! What is asked for: a view, and a selection from one.

use super::{filter::ViewFilter, order::ViewSort};

/// A filter with an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// Which exceptions.
    pub filter: ViewFilter,
    /// In which order; the most urgent first where nothing is said.
    pub sorts: Vec<ViewSort>,
}

/// What a person picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These.
    Ids(Vec<String>),
    /// All of a view but these.
    All {
        /// The view.
        view: Box<View>,
        /// The ids of those that were taken out.
        except: Vec<String>,
    },
}
