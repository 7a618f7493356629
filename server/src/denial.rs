//! Why a request does not pass, before a dialect has put it into words.

use countersign_core::{Error, profile::Profile};
use poem::{IntoResponse, Response};

use crate::{aura, http::fault::Fault, ocx, openapi::Failure};

/// Why a request does not pass.
#[derive(Debug)]
pub(crate) enum Denial {
    /// It could not be judged, or nobody may ask so.
    Fault(Fault),
    /// It was judged.
    Error(Error),
}

impl From<Fault> for Denial {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Error> for Denial {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Denial {
    /// The dialect's answer, and what is in it.
    pub(crate) fn answer(self, dialect: Profile) -> (Failure, Response) {
        match dialect {
            Profile::Ocx => {
                let error = match self {
                    Self::Fault(fault) => ocx::ApiError::from(fault),
                    Self::Error(error) => ocx::ApiError::from(error),
                };
                (error.example(), error.into_response())
            }
            Profile::Aura => {
                let error = match self {
                    Self::Fault(fault) => aura::ApiError::from(fault),
                    Self::Error(error) => aura::ApiError::from(error),
                };
                (error.example(), error.into_response())
            }
        }
    }
}
