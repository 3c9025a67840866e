//! The desk locks when the machine goes to sleep and when the screen is locked. On Linux both are said on
//! D-Bus; on other systems the desk locks by its idle time alone.

/// Calls `lock` whenever the machine is about to sleep or the screen is locked, from threads of its own.
#[cfg(target_os = "linux")]
pub fn watch(lock: impl Fn() + Clone + Send + 'static) {
    for watched in [
        Watched { bus: Bus::System, interface: "org.freedesktop.login1.Manager", signal: "PrepareForSleep" },
        Watched { bus: Bus::System, interface: "org.freedesktop.login1.Session", signal: "Lock" },
        Watched { bus: Bus::Session, interface: "org.freedesktop.ScreenSaver", signal: "ActiveChanged" },
        Watched { bus: Bus::Session, interface: "org.gnome.ScreenSaver", signal: "ActiveChanged" },
    ] {
        let lock = lock.clone();
        std::thread::spawn(move || {
            if let Err(error) = watched.listen(&lock) {
                // Usual where there is no such bus, as in a container.
                tracing::info!(%error, signal = watched.signal, "not watched");
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub fn watch(_: impl Fn() + Clone + Send + 'static) {}

#[cfg(target_os = "linux")]
enum Bus {
    System,
    Session,
}

#[cfg(target_os = "linux")]
struct Watched {
    bus: Bus,
    interface: &'static str,
    signal: &'static str,
}

#[cfg(target_os = "linux")]
impl Watched {
    fn listen(&self, lock: &impl Fn()) -> zbus::Result<()> {
        use zbus::blocking::{Connection, MessageIterator};
        let bus = match self.bus {
            Bus::System => Connection::system()?,
            Bus::Session => Connection::session()?,
        };
        let rule = zbus::MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(self.interface)?
            .member(self.signal)?
            .build();
        for message in MessageIterator::for_match_rule(rule, &bus, None)? {
            // True when sleep or the lock begins, false when it ends; `Lock` says nothing besides its name.
            if message?.body().deserialize::<bool>().unwrap_or(true) {
                tracing::info!(signal = self.signal, "locking");
                lock();
            }
        }
        Ok(())
    }
}
