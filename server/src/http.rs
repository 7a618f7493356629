//! What both dialects share of HTTP: strict requests, and the shell around every route.

pub mod allow;
pub mod body_limit;
pub mod browser;
pub mod fault;
pub mod headers;
pub mod host;
pub mod nullable;
pub mod request_id;
pub mod shape;
pub mod shell;
pub mod strict_json;
