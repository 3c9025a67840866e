//! Steps that many journeys share.

use serde_json::{Value, json};

use super::{
    driver::{Start, Window},
    page::Key,
};

/// Every screen by the part that leads there, with a part that is there once the screen is.
pub const SCREENS: [(&str, &str, &str); 9] = [
    ("queue", "queue-unposted", "grid"),
    ("overview", "nav-overview", "flows"),
    ("tie-out", "nav-tieout", "tieout-table"),
    ("postings", "nav-postings", "postings-table"),
    ("connections", "nav-connections", "connections-table"),
    ("policies", "nav-governance", "changes"),
    ("audit", "nav-audit", "log-table"),
    ("people", "nav-people", "people-table"),
    ("settings", "nav-settings", "set-theme"),
];

impl Window {
    /// The demo, synced: the queues have something in them.
    pub async fn demo(size: (u32, u32)) -> Result<Self, String> {
        Self::synced(&Start { size, ..Start::demo() }).await
    }

    /// The same, started like this.
    pub async fn synced(start: &Start) -> Result<Self, String> {
        let window = Self::open(start).await?;
        window.part("demo-mark").await?;
        window.must("sync", &json!({ "connection": null, "as_of": null, "full": false })).await?;
        window.part("queue-unposted-count").await?;
        Ok(window)
    }

    /// Calls a command that is expected to answer.
    pub async fn must(&self, name: &str, request: &Value) -> Result<Value, String> {
        self.call(name, request).await?.map_err(|refused| format!("{name}: {refused}"))
    }

    /// Lets this demo person take the seat, by the menu at the top.
    pub async fn act_as(&self, person: &str) -> Result<(), String> {
        self.click("person-switch").await?;
        self.click(&format!("seat-{person}")).await?;
        let script = "const shown = document.querySelector('[data-testid=\"person-name\"]')?.innerText ?? '';
            return shown.toLowerCase().startsWith(arguments[0])";
        self.until(&format!("{person} to take the seat"), script, &[json!(person)]).await
    }

    /// Shows the desk in this theme.
    pub async fn theme(&self, theme: &str) -> Result<(), String> {
        let state = self.must("app_state", &json!({})).await?;
        let mut settings = state["settings"].clone();
        settings["theme"] = json!(theme);
        self.must("settings_set", &settings).await?;
        self.client.refresh().await.map_err(|e| e.to_string())?;
        self.wait_for_page().await?;
        let script = "return document.documentElement.dataset.theme === arguments[0]";
        self.until(&format!("the {theme} theme"), script, &[json!(theme)]).await
    }

    /// Goes to a screen of [`SCREENS`] and waits until it is there and has what it asked for.
    pub async fn go(&self, way: &str, there: &str) -> Result<(), String> {
        self.click(way).await?;
        self.part(there).await?;
        self.settled().await
    }

    /// Waits until nothing on the page is still being fetched.
    pub async fn settled(&self) -> Result<(), String> {
        let script = "return !document.querySelector('[aria-busy=\"true\"], .tg-waiting:not([hidden])')";
        self.until("everything to be there", script, &[]).await
    }

    /// Puts the focus on the first row of the queue, with its detail beside it.
    pub async fn first_row(&self) -> Result<(), String> {
        // Not clicked: in its middle a group may stand.
        self.part("grid").await?;
        self.script("document.querySelector('[data-testid=\"grid\"]').focus()", &[]).await?;
        self.press(Key::Sign('j')).await?;
        self.part("detail-title").await.map(|_| ())
    }
}
