//! A view as it first comes on the screen, in one answer: a window that had to ask for its parts one after
//! the other would be drawn empty in between.

use serde::{Deserialize, Serialize};

use crate::{
    base::{context::Context, error::DeskResult},
    queue::{
        exception_query::ExceptionQuery,
        exception_views::{self, GroupBy, GroupsRequest, GroupsView, PageRequest, ViewRequest, ViewSummary},
        record::ExceptionView,
    },
};

/// Which view, and how much of it is seen at first.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct OpenViewRequest {
    /// The query.
    pub query: ExceptionQuery,
    /// Put into groups by this; without it a plain list.
    pub by: Option<GroupBy>,
    /// Rows for at least so many lines, the headers of groups counted; 0 asks for none.
    pub lines: u32,
    /// At most so many rows of the list or of each group.
    pub page: u32,
}

/// A view with what is seen of it at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OpenedView {
    /// The view as a whole.
    pub summary: ViewSummary,
    /// Its groups, where it is put into some.
    pub groups: Option<GroupsView>,
    /// The first rows: of the list, or of one group after the other.
    pub first: Vec<FirstRows>,
}

/// The first rows of a list or of a group: a page of them, or all where there are fewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FirstRows {
    /// The group's key; none for a plain list.
    pub key: Option<String>,
    /// The rows.
    pub rows: Vec<ExceptionView>,
}

/// A view, its groups and its first rows.
///
/// # Errors
/// As [`crate::queue::exception_views::exception_view`].
pub fn exception_open(ctx: &Context, request: &OpenViewRequest) -> DeskResult<OpenedView> {
    let query = || request.query.clone();
    let summary = exception_views::exception_view(ctx, &ViewRequest { query: query() })?;
    let groups =
        request.by.map(|by| exception_views::view_groups(ctx, &GroupsRequest { query: query(), by }));
    let groups = groups.transpose()?;
    let keys: Vec<Option<String>> = match &groups {
        Some(found) => found.groups.iter().map(|group| Some(group.key.clone())).collect(),
        None => vec![None],
    };
    let (mut first, mut lines) = (Vec::new(), 0_u32);
    for key in keys {
        if lines >= request.lines || summary.total == 0 {
            break;
        }
        let query = within(query(), request.by, key.clone());
        let rows =
            exception_views::exception_page(ctx, &PageRequest { query, start: 0, limit: request.page })?.rows;
        let shown = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(1);
        lines = lines.saturating_add(shown);
        first.push(FirstRows { key, rows });
    }
    Ok(OpenedView { summary, groups, first })
}

/// The part of a view that is this group.
fn within(query: ExceptionQuery, by: Option<GroupBy>, key: Option<String>) -> ExceptionQuery {
    match by.filter(|_| key.is_some()) {
        None => query,
        Some(GroupBy::Cause) => ExceptionQuery { group: key, ..query },
        Some(GroupBy::Customer) => ExceptionQuery { customer: key, ..query },
        Some(GroupBy::Entity) => ExceptionQuery { entity: key, ..query },
        Some(GroupBy::Rank) => ExceptionQuery { rank: key, ..query },
    }
}
