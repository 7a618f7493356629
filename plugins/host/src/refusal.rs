//! Why a plugin is not loaded: one code, one sentence and one cure for each rule.

/// Why a plugin is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} [{}]", self.text(), self.code())]
pub enum Refusal {
    /// The directory of plugins, or one above it, is not safe or not there.
    Directory {
        /// Which.
        path: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The library is not a file that can be trusted to stay as it is.
    File {
        /// Which.
        path: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The library is not the one that was pinned.
    Hash {
        /// SHA-256 of the file, in hex.
        found: String,
    },
    /// It is no shared library for this machine.
    NotALibrary(String),
    /// It does not export the descriptor as data of at least the smallest size.
    NoSymbol,
    /// It asks for something of the loader that a plugin must not have.
    Static(&'static str),
    /// It needs a library that nobody pinned.
    Needs(String),
    /// The kernel does not give a sealed copy.
    Seal(String),
    /// The loader has a library under the name of this copy already.
    Aliased,
    /// The loader refuses it.
    Open(String),
    /// The descriptor does not begin with the magic number.
    Magic,
    /// The descriptor's size is not one of this ABI.
    Size(u32),
    /// The descriptor is of another major version.
    Version(u16),
    /// A function is missing.
    NullFunction(&'static str),
    /// A flag that must be understood is not.
    UnknownFlag,
    /// The descriptor says something that it may not say.
    Descriptor {
        /// Which field.
        field: String,
        /// What it should be, in words that follow "expected".
        expected: String,
    },
    /// Its name is not the one in the configuration.
    Name(String),
    /// It serves a namespace that it was not granted.
    NotGranted(String),
    /// A namespace has a verifier already: built in, or of another plugin.
    Taken(String),
    /// Library and configuration do not agree about whether an address is a key.
    AddressIsKey(String),
    /// A chain id in the configuration is none that it serves.
    NotServed(String),
    /// It could not be created.
    Create(String),
    /// It fails a proof of its own.
    SelfTest(String),
    /// A layer of the jail cannot be applied here.
    Jail(String),
    /// Its process did not come up.
    Process(String),
    /// Too many versions were loaded into the server's process.
    Generations,
}

impl Refusal {
    /// The code of the rule; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "CS-P001",
            Self::File { .. } => "CS-P002",
            Self::Hash { .. } => "CS-P003",
            Self::NotALibrary(_) => "CS-P010",
            Self::NoSymbol => "CS-P011",
            Self::Static(_) => "CS-P012",
            Self::Needs(_) => "CS-P013",
            Self::Seal(_) => "CS-P020",
            Self::Aliased => "CS-P021",
            Self::Open(_) => "CS-P022",
            Self::Magic => "CS-P030",
            Self::Size(_) => "CS-P031",
            Self::Version(_) => "CS-P032",
            Self::NullFunction(_) => "CS-P033",
            Self::UnknownFlag => "CS-P034",
            Self::Descriptor { .. } => "CS-P035",
            Self::Name(_) => "CS-P040",
            Self::NotGranted(_) => "CS-P041",
            Self::Taken(_) => "CS-P042",
            Self::AddressIsKey(_) => "CS-P043",
            Self::NotServed(_) => "CS-P044",
            Self::Create(_) => "CS-P050",
            Self::SelfTest(_) => "CS-P051",
            Self::Jail(_) => "CS-P060",
            Self::Process(_) => "CS-P061",
            Self::Generations => "CS-P062",
        }
    }

    /// What is wrong, without the code.
    pub fn text(&self) -> String {
        match self {
            Self::Directory { path, fault } | Self::File { path, fault } => {
                format!("{path}: {fault}")
            }
            Self::Hash { found } => format!("the file's SHA-256 is {found}, which is not the pin"),
            Self::NotALibrary(fault) => format!("no shared library for this machine: {fault}"),
            Self::NoSymbol => format!(
                "the library does not export {} as data of a descriptor's size",
                countersign_plugin_abi::SYMBOL
            ),
            Self::Static(what) => format!("the library has {what}"),
            Self::Needs(library) => format!("the library needs {library}, which no pin covers"),
            Self::Seal(fault) => format!("no sealed copy could be made: {fault}"),
            Self::Aliased => "the loader has another library under the copy's name".to_owned(),
            Self::Open(fault) => format!("the loader refuses it: {fault}"),
            Self::Magic => "the descriptor does not begin with CSCHNPL1".to_owned(),
            Self::Size(size) => format!("the descriptor's size is {size} bytes"),
            Self::Version(major) => format!("the descriptor is of ABI {major}"),
            Self::NullFunction(name) => format!("the descriptor's `{name}` is null"),
            Self::UnknownFlag => "the descriptor has a flag that is not known here".to_owned(),
            Self::Descriptor { field, expected } => {
                format!("the descriptor's {field}: expected {expected}")
            }
            Self::Name(found) => format!("the library calls itself {found}"),
            Self::NotGranted(namespace) => format!("the library serves {namespace}"),
            Self::Taken(namespace) => format!("{namespace} is served already"),
            Self::AddressIsKey(namespace) => format!(
                "library and configuration do not agree about address_is_key of {namespace}"
            ),
            Self::NotServed(chain) => format!("the library does not serve {chain}"),
            Self::Create(fault) => format!("the plugin does not start: {fault}"),
            Self::SelfTest(fault) => format!("the plugin fails its self-test: {fault}"),
            Self::Jail(layer) => format!("the jail's layer {layer} cannot be applied"),
            Self::Process(fault) => format!("the plugin's process does not come up: {fault}"),
            Self::Generations => "too many versions were loaded into this process".to_owned(),
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Directory { .. } => {
                "make a directory that only its owner (root or the server's user) can write to, all above it too"
            }
            Self::File { .. } => {
                "copy the library there as a regular file that only its owner can write to; `countersign plugin add` does"
            }
            Self::Hash { .. } => {
                "if you mean this file, check it with `countersign plugin check` and pin its SHA-256"
            }
            Self::NotALibrary(_) => "build it as a shared library for the server's machine",
            Self::NoSymbol => {
                "export the descriptor (Rust: export_chain_plugin!; C: CS_EXPORT), and do not strip it"
            }
            Self::Static(_) | Self::Needs(_) => {
                "link with the flags that `countersign plugin new` writes; link other libraries statically"
            }
            Self::Seal(_) | Self::Aliased => {
                "restart the server; if it stays so, this kernel cannot load plugins"
            }
            Self::Open(_) => "build it on a system that is no newer than the server's",
            Self::Magic | Self::Size(_) | Self::NullFunction(_) | Self::Descriptor { .. } => {
                "correct the descriptor; `countersign plugin check` says more"
            }
            Self::Version(_) | Self::UnknownFlag => {
                "use a server that knows this version, or build for this one"
            }
            Self::Name(_) => "write the library's own name into the configuration",
            Self::NotGranted(_) => {
                "add the namespace to `namespaces`, if the plugin is to serve it"
            }
            Self::Taken(_) => {
                "serve a namespace by one plugin only; none can replace a built-in chain"
            }
            Self::AddressIsKey(_) => {
                "set `address_is_key` as the library has it, once you agree with it"
            }
            Self::NotServed(_) => "correct `chain_ids`",
            Self::Create(_) => "correct the plugin's own settings, below `config`",
            Self::SelfTest(_) => "do not use this build",
            Self::Jail(_) => {
                "use a newer kernel, or name the layer in `without` if you can do without it"
            }
            Self::Process(_) => "look into the log for what it said",
            Self::Generations => "restart the server",
        }
    }
}

/// What a library's own process can find wrong, as it travels to the server.
impl Refusal {
    const FUNCTIONS: [&'static str; 4] = ["create", "destroy", "parse_address", "verify"];

    pub(crate) fn to_parts(&self) -> (&'static str, String, String) {
        let (first, second) = match self {
            Self::Descriptor { field, expected } => (field.clone(), expected.clone()),
            Self::Open(text) | Self::Create(text) | Self::Jail(text) | Self::Process(text) => {
                (text.clone(), String::new())
            }
            Self::Size(size) => (size.to_string(), String::new()),
            Self::Version(version) => (version.to_string(), String::new()),
            Self::NullFunction(name) => ((*name).to_owned(), String::new()),
            _ => (String::new(), String::new()),
        };
        (self.code(), first, second)
    }

    pub(crate) fn from_parts(code: &str, first: String, second: String) -> Option<Self> {
        Some(match code {
            "CS-P011" => Self::NoSymbol,
            "CS-P021" => Self::Aliased,
            "CS-P022" => Self::Open(first),
            "CS-P030" => Self::Magic,
            "CS-P031" => Self::Size(first.parse().ok()?),
            "CS-P032" => Self::Version(first.parse().ok()?),
            "CS-P033" => {
                let mut functions = Self::FUNCTIONS.into_iter();
                Self::NullFunction(functions.find(|name| *name == first)?)
            }
            "CS-P034" => Self::UnknownFlag,
            "CS-P035" => Self::Descriptor {
                field: first,
                expected: second,
            },
            "CS-P050" => Self::Create(first),
            "CS-P060" => Self::Jail(first),
            "CS-P061" => Self::Process(first),
            _ => return None,
        })
    }
}
