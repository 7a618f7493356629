//! The memory store passes the store suite.

use std::sync::Arc;

use countersign_core::{memory::MemoryStore, store::Store, store_suite};

fn open() -> ((), Arc<dyn Store>) {
    ((), Arc::new(MemoryStore::new(store_suite::MAX_CHALLENGES)))
}

countersign_core::store_suite!(open());
