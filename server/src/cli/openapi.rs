//! `countersign openapi`

use clap::Args;

use super::{Outcome, print};
use crate::openapi::{Document, LOCAL_SERVER, Version};

/// Which document to print.
#[derive(Debug, Args)]
pub(super) struct OpenApi {
    /// Which document; there is no default
    #[arg(long, value_name = "PROFILE")]
    profile: Document,
    /// The version of the OpenAPI specification
    #[arg(long, value_name = "VERSION", default_value = "3.0")]
    version: Version,
}

pub(super) fn run(asked: &OpenApi) -> Outcome {
    print(&asked.profile.render(asked.version, LOCAL_SERVER))?;
    Ok(())
}
