//! What both dialects share of HTTP: strict requests, and the shell around every route.

pub(crate) mod admission;
pub(crate) mod allow;
pub(crate) mod body_limit;
pub(crate) mod browser;
pub(crate) mod client;
pub(crate) mod context;
pub(crate) mod cors;
pub(crate) mod dialects;
pub(crate) mod fault;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod intake;
pub(crate) mod known_paths;
pub(crate) mod nullable;
pub(crate) mod payload;
pub(crate) mod refusal;
pub(crate) mod request_id;
pub(crate) mod secured;
pub(crate) mod shape;
pub(crate) mod shell;
pub(crate) mod strict_json;
pub(crate) mod text;
