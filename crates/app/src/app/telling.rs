//! What the window tells of by itself: what is newly somebody's, and what was chosen in its menu.

use serde_json::json;
use tieout_desk::{
    base::{context::Context, error::DeskResult},
    queue::exception_views::{self, CountsRequest},
};

use super::{App, MenuAction, OpenEvent, Place, Waiting, lock};

impl App {
    /// What was there when the desk was opened, or somebody took the seat, is not new.
    pub(super) fn notify_of_new(&self) {
        let now = self.waiting();
        let Some(before) = lock(&self.told).replace(now) else { return };
        let newly = |now: u64, before: u64| now.saturating_sub(before);
        let parts: Vec<String> = [
            (newly(now.mine, before.mine), "newly assigned to you"),
            (newly(now.overdue, before.overdue), "newly overdue"),
            (newly(now.approvals, before.approvals), "newly waiting for approval"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
        if !parts.is_empty() {
            self.host.notify("Tieout", &parts.join(", "));
        }
    }

    /// What waits for the person at the desk.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let Ok(open) = self.opened() else { return Waiting::default() };
        waiting_at(&open.reader).unwrap_or_default()
    }

    /// Asks the page for what was chosen in the menu bar. Without an open workspace there is nothing to act
    /// on.
    pub fn ask_page(&self, action: MenuAction) {
        if matches!(&*lock(&self.place), Place::Open(_)) {
            let event = OpenEvent { action: Some(action), ..OpenEvent::default() };
            self.host.emit("open", json!(event));
        }
    }
}

fn waiting_at(reader: &Context) -> DeskResult<Waiting> {
    let counts = exception_views::queue_counts(reader, &CountsRequest::default())?;
    Ok(Waiting {
        mine: counts.assigned,
        overdue: counts.assigned_overdue,
        approvals: counts.waiting_approval,
    })
}
