//! What goes with a request to whoever handles it: who we are, where it comes from, and what its answer is to
//! say besides.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use countersign_core::{client_address::ClientAddress, profile::Profile, rate_limit::Standing};
use poem::Request;

use super::fault::Fault;
use crate::site::Site;

/// One of these goes with every request.
#[derive(Debug)]
pub(crate) struct Context {
    /// The dialect that answers.
    pub dialect: Profile,
    /// Who we are.
    pub site: Arc<Site>,
    /// Where the request comes from.
    pub client: ClientAddress,
    is_cookie_dead: AtomicBool,
    standing: Mutex<Option<Standing>>,
}

impl Context {
    /// Nothing has been found out yet.
    pub(crate) fn new(dialect: Profile, site: Arc<Site>, client: ClientAddress) -> Self {
        Self {
            dialect,
            site,
            client,
            is_cookie_dead: AtomicBool::new(false),
            standing: Mutex::default(),
        }
    }

    /// The request's.
    ///
    /// # Errors
    /// [`Fault::Internal`] outside of everything that gives a request one.
    pub(crate) fn of(request: &Request) -> Result<&Arc<Self>, Fault> {
        request.data().ok_or(Fault::Internal)
    }

    /// Has the answer clear the session cookie.
    pub(crate) fn clear_cookie(&self) {
        self.is_cookie_dead.store(true, Ordering::Relaxed);
    }

    /// Whether the answer is to clear the session cookie. It is true once.
    pub(crate) fn take_dead_cookie(&self) -> bool {
        self.is_cookie_dead.swap(false, Ordering::Relaxed)
    }

    /// Has the answer tell how the caller stands with its limit.
    pub(crate) fn note_standing(&self, standing: Standing) {
        let mut noted = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Some(standing);
    }

    /// How the caller stands, if that was noted.
    pub(crate) fn standing(&self) -> Option<Standing> {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
