//! The store of a desk, lent to one caller at a time. Asked for again by the thread that has it, it would be
//! waited for for ever: that is told at once instead.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tieout_store::Store;

/// The store, and which thread has it.
pub(crate) struct LentStore {
    store: Mutex<Store>,
    /// The thread that has it; 0 where nobody has.
    by: AtomicUsize,
}

/// The store to read, for as long as this lives: what writes takes it exclusively, and gets it from
/// [`Writing`] alone.
pub(crate) struct Borrowed<'s> {
    store: MutexGuard<'s, Store>,
    by: &'s AtomicUsize,
}

/// The store to write, for as long as this lives.
pub(crate) struct Writing<'s>(Borrowed<'s>);

/// What tells this thread from every other that lives.
fn this_thread() -> usize {
    thread_local!(static PLACE: u8 = const { 0 });
    PLACE.with(|place| std::ptr::from_ref(place).addr())
}

impl LentStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store: Mutex::new(store), by: AtomicUsize::new(0) }
    }

    /// The store to read, for one call. A panic elsewhere does not take the books away: each method is
    /// its own transaction.
    ///
    /// # Panics
    /// Where this very thread still has it: two of them in one expression would wait for each other.
    pub(crate) fn store(&self) -> Borrowed<'_> {
        let me = this_thread();
        assert_ne!(
            self.by.load(Ordering::Relaxed),
            me,
            "this thread has the store already and asks for it again: bind the first answer with `let` \
             before the second question"
        );
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        self.by.store(me, Ordering::Relaxed);
        Borrowed { store, by: &self.by }
    }

    /// The same to write.
    ///
    /// # Panics
    /// As [`LentStore::store`].
    pub(crate) fn writing(&self) -> Writing<'_> {
        Writing(self.store())
    }
}

impl Deref for Borrowed<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Deref for Writing<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.0.store
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        // Before the lock itself is let go of, when nobody else can have it yet.
        self.by.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tieout_store::{NewWorkspace, WorkspaceKey};

    use super::*;

    fn lent(folder: &std::path::Path) -> LentStore {
        let new = NewWorkspace {
            id: tieout_domain::WorkspaceId::derive(&["lent"]),
            name: "Test".to_owned(),
            demo: false,
            at: chrono::Utc::now(),
        };
        let key = WorkspaceKey::new(zeroize::Zeroizing::new([7; 32]));
        LentStore::new(Store::create(&folder.join("w.tieoutdb"), &key, &new).unwrap())
    }

    #[test]
    fn a_thread_that_asks_for_what_it_has_is_told_so_and_others_wait_for_their_turn() {
        let folder = tempfile::tempdir().unwrap();
        let lent = lent(folder.path());
        let first = lent.store();
        let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(lent.store())));
        let told = again.unwrap_err().downcast::<String>().unwrap();
        assert!(told.contains("bind the first answer"), "{told}");
        thread::scope(|threads| {
            let other = threads.spawn(|| lent.store().people().unwrap().len());
            drop(first);
            assert_eq!(other.join().unwrap(), 0);
        });
        drop(lent.store());
        drop(lent.store());
    }
}
