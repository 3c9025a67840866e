//! What a desktop offers on the bus, played: a tray that hosts icons, and somebody who shows notifications.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use zbus::{
    Connection, Proxy, interface,
    message::Header,
    zvariant::{OwnedObjectPath, OwnedValue, Structure, Value},
};

/// The tray is brought up to date every twenty seconds; what fell due is looked for every minute.
const PATIENCE: Duration = Duration::from_secs(120);

type Shared<T> = Arc<Mutex<Vec<T>>>;

/// A desktop on a session's bus.
pub struct Desktop {
    bus: Connection,
    icons: Shared<(String, String)>,
    shown: Shared<String>,
}

/// Hosts icons (freedesktop's StatusNotifierItem).
struct Tray(Shared<(String, String)>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Tray {
    fn register_status_notifier_item(&self, path: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        locked(&self.0).push((sender, path.to_owned()));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// Shows notifications (freedesktop's Desktop Notifications).
struct Notifications(Shared<String>);

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _program: &str,
        _replaces: u32,
        _icon: &str,
        title: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        locked(&self.0).push(format!("{title}: {body}"));
        1
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }
}

impl Desktop {
    /// One on the bus with this address.
    pub async fn on(address: &str) -> Result<Self, String> {
        let (icons, shown) = (Shared::default(), Shared::default());
        let built = async {
            zbus::connection::Builder::address(address)?
                .serve_at("/StatusNotifierWatcher", Tray(Arc::clone(&icons)))?
                .serve_at("/org/freedesktop/Notifications", Notifications(Arc::clone(&shown)))?
                .name("org.kde.StatusNotifierWatcher")?
                .name("org.freedesktop.Notifications")?
                .build()
                .await
        };
        let bus = built.await.map_err(words)?;
        Ok(Self { bus, icons, shown })
    }

    /// The notifications that were shown.
    pub fn shown(&self) -> Vec<String> {
        locked(&self.shown).clone()
    }

    /// The next notification after the first `known`.
    pub async fn next_shown(&self, known: usize) -> Result<String, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(next) = locked(&self.shown).get(known) {
                return Ok(next.clone());
            }
            wait(until, || "no notification came".to_owned()).await?;
        }
    }

    /// Waits until the tray's menu has this line, and gives its number.
    pub async fn line(&self, line: &str) -> Result<i32, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let lines = self.menu().await?;
            if let Some((number, _)) = lines.iter().find(|(_, text)| text == line) {
                return Ok(*number);
            }
            wait(until, || format!("the tray never said {line:?}, but {lines:?}")).await?;
        }
    }

    /// Chooses a line of the tray's menu.
    pub async fn choose(&self, line: &str) -> Result<(), String> {
        let number = self.line(line).await?;
        let menu = self.menu_of_icon().await?.ok_or("no icon in the tray")?;
        menu.call_method("Event", &(number, "clicked", Value::from(0_i32), 0_u32)).await.map_err(words)?;
        Ok(())
    }

    /// The lines of the icon's menu with their numbers; none while there is no icon.
    async fn menu(&self) -> Result<Vec<(i32, String)>, String> {
        type Item = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let Some(menu) = self.menu_of_icon().await? else { return Ok(Vec::new()) };
        let asked = menu.call_method("GetLayout", &(0_i32, -1_i32, Vec::<String>::new())).await;
        let answer = asked.map_err(words)?;
        let (_, (_, _, items)) = answer.body().deserialize::<(u32, Item)>().map_err(words)?;
        Ok(items.iter().filter_map(line_of).collect())
    }

    async fn menu_of_icon(&self) -> Result<Option<Proxy<'static>>, String> {
        let Some((owner, path)) = locked(&self.icons).last().cloned() else { return Ok(None) };
        let interface = "org.kde.StatusNotifierItem";
        let icon = Proxy::new(&self.bus, owner.clone(), path, interface).await.map_err(words)?;
        let menu: OwnedObjectPath = icon.get_property("Menu").await.map_err(words)?;
        Proxy::new(&self.bus, owner, menu, "com.canonical.dbusmenu").await.map(Some).map_err(words)
    }
}

/// A line of a menu with a label: its number and its words, in which an underscore marks a key.
fn line_of(item: &OwnedValue) -> Option<(i32, String)> {
    let fields = item.downcast_ref::<Structure<'_>>().ok()?;
    let [number, properties, ..] = fields.fields() else { return None };
    let Value::Dict(properties) = properties else { return None };
    let label: String = properties.get::<_, String>(&"label").ok()??;
    Some((number.downcast_ref::<i32>().ok()?, label.replace('_', "")))
}

async fn wait(until: Instant, late: impl FnOnce() -> String) -> Result<(), String> {
    if Instant::now() > until {
        return Err(late());
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

fn locked<T>(shared: &Shared<T>) -> std::sync::MutexGuard<'_, Vec<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn words(error: impl std::fmt::Display) -> String {
    format!("the desktop: {error}")
}
