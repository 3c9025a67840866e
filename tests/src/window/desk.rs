//! Steps that many journeys share.

use serde_json::{Value, json};

use super::{
    driver::{Start, Window},
    page::Key,
};

/// The page's own list of screens, so that no test has to be told of a new one.
const LISTED: &str = include_str!("../../../ui/src/app/screens.ts");

/// A screen of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageScreen {
    /// Its name.
    pub name: String,
    /// The part that leads there.
    pub way: String,
    /// A part that is there once the screen is.
    pub there: String,
}

/// Every screen: the queue, and each of the page's list, by what its entry and its frame are called.
pub fn screens() -> Vec<PageScreen> {
    let queue = PageScreen { name: "queue".into(), way: "queue-all".into(), there: "grid".into() };
    let named = |line: &str| line.trim().strip_prefix("{ name: \"")?.split('"').next().map(str::to_owned);
    let listed = LISTED.lines().filter_map(named);
    let listed = listed.map(|name| PageScreen { way: format!("nav-{name}"), there: name.clone(), name });
    std::iter::once(queue).chain(listed).collect()
}

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
        window.posting_on().await?;
        Ok(window)
    }

    /// Has postings sent to the demo's ERP, by two people, and lets who sat there sit there again. What the
    /// policy prepares by itself is prepared with the next sync.
    pub async fn posting_on(&self) -> Result<(), String> {
        let people = self.must("people", &json!({})).await?;
        let of = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
        let all = people.as_array().cloned().unwrap_or_default();
        let who = all.iter().find(|one| one["role"] == "administrator").ok_or("no administrator")?;
        let state = self.must("app_state", &json!({})).await?;
        let sat = of(&state["workspace"]["seat"], "name");
        self.must("seat", &json!({ "person": of(who, "name") })).await?;
        let netsuite = json!({ "id": "netsuite" });
        let proposed = self.must("connection_posting_propose", &netsuite).await?;
        self.must("seat", &json!({ "person": "carl" })).await?;
        let approval = json!({ "id": "netsuite", "content": proposed["hash"] });
        self.must("connection_posting_approve", &approval).await?;
        self.must("seat", &json!({ "person": sat })).await?;
        self.must("sync", &json!({ "connection": null, "as_of": null, "full": false })).await?;
        self.settled().await
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

    /// Goes to a screen and waits until it is there and has what it asked for.
    pub async fn go(&self, way: &str, there: &str) -> Result<(), String> {
        self.click(way).await?;
        self.part(there).await?;
        self.settled().await?;
        match self.has("again").await? {
            true => Err(format!("{way} leads to what could not be read:\n{}", self.shown().await)),
            false => Ok(()),
        }
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
