//! What a person sees and does on the page. Parts are found by their `data-testid`.

use std::{path::Path, time::Duration};

use fantoccini::{
    Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
};
use serde_json::{Value, json};

use super::{app, driver::Window};

const PATIENCE: Duration = Duration::from_secs(180);

/// Keys that are no letters, as WebDriver names them.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// Arrow down.
    Down,
    /// Arrow up.
    Up,
    /// End.
    End,
    /// A letter or sign.
    Sign(char),
    /// With the control key held.
    Control(char),
    /// With the shift key held.
    Shift(char),
}

impl Key {
    fn codes(self) -> (Option<char>, char) {
        match self {
            Self::Enter => (None, '\u{e007}'),
            Self::Escape => (None, '\u{e00c}'),
            Self::Tab => (None, '\u{e004}'),
            Self::Down => (None, '\u{e015}'),
            Self::Up => (None, '\u{e013}'),
            Self::End => (None, '\u{e010}'),
            Self::Sign(sign) => (None, sign),
            Self::Control(sign) => (Some('\u{e009}'), sign),
            Self::Shift(sign) => (Some('\u{e008}'), sign),
        }
    }
}

/// A fault that axe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axe {
    /// The rule.
    pub rule: String,
    /// critical, serious, moderate or minor.
    pub impact: String,
    /// The elements.
    pub nodes: Vec<String>,
}

fn css(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

/// Whether the driver says that the element is no longer on the page.
fn replaced(error: &CmdError) -> bool {
    error.is_stale_element_reference() || error.to_string().contains("was not found")
}

impl Window {
    /// Waits until the page has something on it.
    pub(super) async fn wait_for_page(&self) -> Result<(), String> {
        let filled = Locator::Css("#app > *");
        let waited = self.client.wait().at_most(PATIENCE).for_element(filled).await;
        waited.map(|_| ()).map_err(|e| format!("the page stays empty: {e}"))
    }

    /// The first part that fits a selector, as soon as it is there.
    pub async fn select(&self, selector: &str) -> Result<Element, String> {
        let waited = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        match waited {
            Ok(element) => Ok(element),
            Err(error) => {
                let shown = self.shown().await;
                Err(format!("{selector} does not appear: {error}\nThe page says:\n{shown}"))
            }
        }
    }

    /// The part with this testid, as soon as it is there.
    pub async fn part(&self, testid: &str) -> Result<Element, String> {
        self.select(&css(testid)).await
    }

    /// Whether the part is there now.
    pub async fn has(&self, testid: &str) -> Result<bool, String> {
        let found = self.client.find_all(Locator::Css(&css(testid))).await.map_err(|e| e.to_string())?;
        Ok(!found.is_empty())
    }

    /// Waits until the part is gone.
    pub async fn gone(&self, testid: &str) -> Result<(), String> {
        self.until(
            &format!("{testid} to go"),
            "return !document.querySelector(arguments[0])",
            &[json!(css(testid))],
        )
        .await
    }

    /// Clicks the part. One that the page replaced between the look and the click was not clicked: the next
    /// one is.
    pub async fn click(&self, testid: &str) -> Result<(), String> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match self.part(testid).await?.click().await {
                Ok(()) => return Ok(()),
                Err(error) if replaced(&error) && tokio::time::Instant::now() < until => {}
                Err(error) => return Err(format!("{testid}: {error}")),
            }
        }
    }

    /// Fills the part, a field, after emptying it.
    pub async fn fill_in(&self, testid: &str, text: &str) -> Result<(), String> {
        let field = self.part(testid).await?;
        field.clear().await.map_err(|e| format!("{testid}: {e}"))?;
        field.send_keys(text).await.map_err(|e| format!("{testid}: {e}"))
    }

    /// What the part says.
    pub async fn text(&self, testid: &str) -> Result<String, String> {
        self.part(testid).await?.text().await.map_err(|e| format!("{testid}: {e}"))
    }

    /// Waits until the part says this.
    pub async fn says(&self, testid: &str, text: &str) -> Result<(), String> {
        let script = "return (document.querySelector(arguments[0])?.innerText ?? '').includes(arguments[1])";
        self.until(&format!("{testid} to say {text:?}"), script, &[json!(css(testid)), json!(text)]).await
    }

    /// Presses a key, wherever the focus is.
    pub async fn press(&self, key: Key) -> Result<(), String> {
        let (held, sign) = key.codes();
        let mut actions = KeyActions::new("keyboard".to_owned());
        if let Some(held) = held {
            actions = actions.then(KeyAction::Down { value: held });
        }
        actions = actions.then(KeyAction::Down { value: sign }).then(KeyAction::Up { value: sign });
        if let Some(held) = held {
            actions = actions.then(KeyAction::Up { value: held });
        }
        self.client.perform_actions(actions).await.map_err(|e| format!("{key:?}: {e}"))
    }

    /// What a script on the page returns.
    pub async fn script(&self, script: &str, arguments: &[Value]) -> Result<Value, String> {
        self.client.execute(script, arguments.to_vec()).await.map_err(|e| format!("{script}: {e}"))
    }

    /// What a script on the page hands to its last argument.
    pub async fn script_later(&self, script: &str, arguments: &[Value]) -> Result<Value, String> {
        self.client.execute_async(script, arguments.to_vec()).await.map_err(|e| format!("{script}: {e}"))
    }

    /// Calls a command of the desk as the page does; the error is what the page would see.
    pub async fn call(&self, name: &str, request: &Value) -> Result<Result<Value, Value>, String> {
        let script = "const done = arguments[arguments.length - 1];
            const [name, request] = arguments;
            window.__TAURI_INTERNALS__.invoke('call', { name, request, job: null })
                .then((value) => done({ value }), (error) => done({ error }))";
        let mut answer = self.script_later(script, &[json!(name), request.clone()]).await?;
        Ok(match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer.get_mut("value").map(Value::take).unwrap_or_default()),
        })
    }

    /// Starts to remember what the program says of this event.
    pub async fn hear(&self, event: &str) -> Result<(), String> {
        let script = "const done = arguments[arguments.length - 1];
            const heard = (window.heardEvents ??= {})[arguments[0]] = [];
            const shell = window.__TAURI_INTERNALS__;
            const handler = shell.transformCallback((message) => heard.push(message.payload));
            shell.invoke('plugin:event|listen', { event: arguments[0], target: { kind: 'Any' }, handler })
                .then(() => done(null), (error) => done(String(error)))";
        match self.script_later(script, &[json!(event)]).await? {
            Value::Null => Ok(()),
            refused => Err(format!("cannot listen to {event}: {refused}")),
        }
    }

    /// What the program first said of this event since [`Self::hear`], as soon as it did.
    pub async fn heard(&self, event: &str) -> Result<Value, String> {
        let script = "return window.heardEvents[arguments[0]].length > 0";
        self.until(&format!("the event {event}"), script, &[json!(event)]).await?;
        self.script("return window.heardEvents[arguments[0]][0]", &[json!(event)]).await
    }

    /// Waits until the program said of this event that a field of it has this value.
    pub async fn heard_where(&self, event: &str, field: &str, value: &Value) -> Result<(), String> {
        let script =
            "return window.heardEvents[arguments[0]].some((one) => one[arguments[1]] === arguments[2])";
        self.until(
            &format!("{event} with {field} {value}"),
            script,
            &[json!(event), json!(field), value.clone()],
        )
        .await
    }

    /// Waits until a script on the page returns true.
    pub async fn until(&self, what: &str, script: &str, arguments: &[Value]) -> Result<(), String> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if self.script(script, arguments).await? == Value::Bool(true) {
                return Ok(());
            }
            if tokio::time::Instant::now() > until {
                return Err(format!("waited in vain for {what}. The page says:\n{}", self.shown().await));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that the page says, for a failure's message.
    pub async fn shown(&self) -> String {
        let body = self.script("return document.body.innerText", &[]).await;
        body.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Writes a picture of the window.
    pub async fn picture(&self, file: &Path) -> Result<(), String> {
        // What was last changed is on the screen after the second frame.
        let frames =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)))";
        self.script_later(frames, &[]).await?;
        let taking = tokio::time::timeout(PATIENCE, self.client.screenshot());
        let png = taking.await.map_err(|_| "the picture took too long")?.map_err(|e| e.to_string())?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        }
        std::fs::write(file, png).map_err(|e| format!("{}: {e}", file.display()))
    }

    /// The faults that axe finds on the page as it stands, serious and critical ones.
    pub async fn serious_faults(&self) -> Result<Vec<Axe>, String> {
        let source = app::root().join("ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
        if self.script("return typeof window.axe", &[]).await? != json!("object") {
            self.script(&format!("{axe};window.axe = window.axe ?? axe;"), &[]).await?;
        }
        let run = "const done = arguments[arguments.length - 1];
            window.axe.run(document, { resultTypes: ['violations'] }).then((found) =>
                done(found.violations.map((fault) => ({ rule: fault.id, impact: fault.impact,
                    nodes: fault.nodes.map((node) => node.html + ' ' + (node.failureSummary ?? '')) }))),
                (error) => done(String(error)))";
        let found = self.script_later(run, &[]).await?;
        let faults = found.as_array().ok_or_else(|| format!("axe failed: {found}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let read = faults.iter().map(|fault| Axe {
            rule: text(&fault["rule"]),
            impact: text(&fault["impact"]),
            nodes: fault["nodes"]
                .as_array()
                .map(|nodes| nodes.iter().map(text).collect())
                .unwrap_or_default(),
        });
        Ok(read.filter(|fault| matches!(fault.impact.as_str(), "serious" | "critical")).collect())
    }
}
