//! Runs one plugin for the process that started it.

fn main() -> std::process::ExitCode {
    countersign_plugin_host::child_main()
}
