//! Compiles specimens.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use countersign_core::chain::Namespace;
use countersign_plugin_host::{ChildProgram, Grant, Isolation, Policy};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// What runs plugins in processes of their own.
pub(crate) fn child_program() -> ChildProgram {
    ChildProgram {
        program: env!("CARGO_BIN_EXE_countersign-plugin-child").into(),
        arguments: vec![],
    }
}

/// A directory of plugins, and where they are to run.
pub(crate) struct Directory {
    directory: TempDir,
    isolation: Isolation,
}

impl Directory {
    pub(crate) fn new(isolation: Isolation) -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
            isolation,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Compiles a specimen under a name that no other has, because a process loads a plugin so many times only.
    pub(crate) fn build(&self, specimen: &str, flags: &[&str]) -> Grant {
        static BUILT: AtomicUsize = AtomicUsize::new(0);
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", specimen.replace('_', "-"));
        self.build_as(&name, specimen, flags)
    }

    /// Compiles a specimen under this name. `flags` come last.
    pub(crate) fn build_as(&self, name: &str, specimen: &str, flags: &[&str]) -> Grant {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = format!("{specimen}.so");
        let output = Command::new("cc")
            .args(["-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden"])
            .args([
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wl,-z,defs,-z,relro,-z,now,-Bsymbolic",
            ])
            .arg(format!("-DNAME=\"{name}\""))
            .arg("-I")
            .arg(here.join("../abi/include"))
            .arg(here.join("tests/zoo").join(format!("{specimen}.c")))
            .args(flags)
            .arg("-o")
            .arg(self.file(&file))
            .output()
            .expect("a C compiler, `cc`, is installed: the specimens are plain C");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{specimen}: {errors}");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.file(&file), mode).expect("the library is ours");
        self.grant(name, &file)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Grants the namespace `toy` to what is in this file now.
    pub(crate) fn grant(&self, name: &str, file: &str) -> Grant {
        let library = fs::read(self.file(file)).expect("the file is there");
        Grant {
            name: name.to_owned(),
            file: file.to_owned(),
            sha256: Sha256::digest(library).into(),
            namespaces: vec![Namespace::new("toy").expect("a namespace")],
            chain_ids: None,
            address_is_key: false,
            isolation: self.isolation,
            deadline: std::time::Duration::from_millis(200),
            processes: 1,
            optional: false,
            without: vec![],
            config: "{}".to_owned(),
        }
    }

    #[expect(
        clippy::allow_attributes,
        reason = "the tests of the kit have no policy"
    )]
    #[allow(dead_code)]
    pub(crate) fn policy(&self, plugins: impl Into<Vec<Grant>>) -> Policy {
        Policy {
            child: Some(child_program()),
            directory: self.path().to_owned(),
            plugins: plugins.into(),
        }
    }
}
