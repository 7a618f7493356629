//! The header `include/countersign_plugin.h` says what the Rust types say: to a C compiler, to a C++ compiler, and to
//! cbindgen.

mod compiler;
mod declarations;
mod header;
mod layout;
mod source;
