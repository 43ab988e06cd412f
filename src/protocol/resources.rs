//! What many connections share, so that each needs little of its own.

use super::share::Total;
use flate2::{Compress, Decompress};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// What connections with the same [options](super::ConnectionOptions) have in common: the machinery of compression,
/// the generator of masking keys, and the totals of the messages that they put together
/// ([`Limits::all_messages`](super::Limits::all_messages)) and of what waits to be sent
/// ([`Limits::all_send_queues`](super::Limits::all_send_queues)).
///
/// It is a handle, whose clones are the same; a default one is new. Two are equal if they are the same.
///
/// ```
/// use dom_websocket::protocol::{ConnectionOptions, Resources};
///
/// let resources = Resources::default();
/// let clients = ConnectionOptions { resources: resources.clone(), ..Default::default() };
/// let others = ConnectionOptions { half_open: true, resources, ..Default::default() };
/// ```
#[derive(Clone, Default)]
pub struct Resources {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    tenants: AtomicU64,
    deflaters: Pool<DeflateMachine>,
    inflaters: Pool<Decompress>,
    generator: OnceLock<Generator>,
    /// The bytes of messages under way, but for what each connection has for itself.
    assembled: Total,
    /// Those that wait to be sent, likewise.
    queued: Total,
}

/// Who uses machines of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tenant(u64);

impl Tenant {
    /// The machine's context is nobody's.
    pub(super) const NOBODY: Self = Self(0);
}

/// What deflates, with the memory for the result.
pub(super) struct DeflateMachine {
    pub(super) compress: Compress,
    pub(super) deflated: Vec<u8>,
}

impl Resources {
    /// Somebody new.
    pub(super) fn tenant(&self) -> Tenant {
        Tenant(self.inner.tenants.fetch_add(1, Relaxed) + 1)
    }

    pub(super) fn deflaters(&self) -> &Pool<DeflateMachine> {
        &self.inner.deflaters
    }

    pub(super) fn inflaters(&self) -> &Pool<Decompress> {
        &self.inner.inflaters
    }

    /// What all put together.
    pub(super) fn assembled(&self) -> &Total {
        &self.inner.assembled
    }

    /// What all have waiting to be sent.
    pub(super) fn queued(&self) -> &Total {
        &self.inner.queued
    }

    /// Where all draw their masking keys from. The first seed is what it begins with.
    pub(super) fn generator(&self, seed: [u8; 32]) -> Generator {
        let seeded = || Arc::new(Mutex::new(StdRng::from_seed(seed)));
        self.inner.generator.get_or_init(seeded).clone()
    }
}

/// Of numbers that nobody can predict.
pub(super) type Generator = Arc<Mutex<StdRng>>;

impl PartialEq for Resources {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Resources {}

impl fmt::Debug for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").finish_non_exhaustive()
    }
}

/// So many machines wait for their next use at the most.
const WAITING: usize = 4;

/// Machines that cost much memory, each with the context of whoever used it last. He finds it again if not too
/// many others have been busy meanwhile.
pub(super) struct Pool<T> {
    /// The one that was used last is the last.
    waiting: Mutex<Vec<Waiting<T>>>,
}

struct Waiting<T> {
    tenant: Tenant,
    /// Machines of other sizes are no use.
    size: u8,
    machine: Box<T>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
        }
    }
}

impl<T> Pool<T> {
    /// A machine of this size, and whether its context is the tenant's own. `None`: there are few, make another.
    pub(super) fn take(&self, tenant: Tenant, size: u8) -> Option<(Box<T>, bool)> {
        let mut waiting = lock(&self.waiting);
        let own = waiting.iter().position(|waiting| waiting.tenant == tenant);
        if let Some(own) = own {
            return Some((waiting.remove(own).machine, true));
        }
        let is_free = |waiting: &Waiting<T>| waiting.tenant == Tenant::NOBODY;
        let fits = |waiting: &Waiting<T>| waiting.size == size;
        let mut found = waiting.iter().position(|w| is_free(w) && fits(w));
        if found.is_none() && waiting.len() >= WAITING {
            found = waiting.iter().position(fits);
            // There is room for another one in any case.
            if found.is_none() {
                waiting.remove(0);
            }
        }
        found.map(|found| (waiting.remove(found).machine, false))
    }

    /// Has a machine wait for its next use.
    pub(super) fn put(&self, tenant: Tenant, size: u8, machine: Box<T>) {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= WAITING {
            waiting.remove(0);
        }
        waiting.push(Waiting {
            tenant,
            size,
            machine,
        });
    }

    /// The tenant does without its context, and without machines.
    pub(super) fn forget(&self, tenant: Tenant) {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|waiting| waiting.tenant != tenant && waiting.tenant != Tenant::NOBODY);
        if waiting.is_empty() {
            waiting.shrink_to_fit();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.waiting).len()
    }
}

/// No panic comes between.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_finds_its_own_machine_again_while_few_are_busy() {
        let resources = Resources::default();
        let tenants: Vec<Tenant> = (0..=WAITING).map(|_| resources.tenant()).collect();
        let pool = Pool::default();
        for (number, tenant) in tenants[..WAITING].iter().enumerate() {
            assert!(pool.take(*tenant, 15).is_none());
            pool.put(*tenant, 15, Box::new(number));
        }
        assert_eq!(pool.take(tenants[0], 15), Some((Box::new(0), true)));
        pool.put(tenants[0], 15, Box::new(0));
        // The one that has waited longest.
        assert_eq!(pool.take(tenants[WAITING], 15), Some((Box::new(1), false)));
        pool.put(tenants[WAITING], 15, Box::new(1));
        assert_eq!(pool.take(tenants[1], 9), None, "none fits");
        assert_eq!(pool.len(), WAITING - 1);
    }

    #[test]
    fn whoever_is_idle_leaves_nothing_behind() {
        let resources = Resources::default();
        let (first, second) = (resources.tenant(), resources.tenant());
        let pool = Pool::default();
        pool.put(first, 15, Box::new(()));
        pool.put(second, 15, Box::new(()));
        pool.put(Tenant::NOBODY, 15, Box::new(()));
        pool.forget(first);
        assert_eq!(pool.len(), 1);
        pool.forget(second);
        assert_eq!(pool.len(), 0);
    }

    #[test]
    fn a_clone_is_the_same_and_another_is_not() {
        let resources = Resources::default();
        assert_eq!(resources.clone(), resources);
        assert_ne!(Resources::default(), resources);
    }
}
