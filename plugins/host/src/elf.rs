//! What a library asks of the loader, read before the loader sees it: opening one runs its code.
//!
//! The loader goes by program headers, and so does this.

use countersign_plugin_abi::{MIN_DESCRIPTOR_SIZE, SYMBOL};
use object::{
    Endianness, elf,
    read::elf::{Dyn, FileHeader, ProgramHeader, Sym},
};

use crate::refusal::Refusal;

type Header = elf::FileHeader64<Endianness>;
type Segment = elf::ProgramHeader64<Endianness>;
type Entry = elf::Dyn64<Endianness>;

/// Libraries that every process has: those of C and of the compiler.
const ALLOWED: [&str; 7] = [
    "libc.so.6",
    "libm.so.6",
    "libgcc_s.so.1",
    "libpthread.so.0",
    "libdl.so.2",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

#[cfg(target_arch = "x86_64")]
const MACHINE: elf::Machine = elf::EM_X86_64;
#[cfg(target_arch = "aarch64")]
const MACHINE: elf::Machine = elf::EM_AARCH64;

/// What is worth knowing about a library that may be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Symbols that it exports besides its descriptor.
    pub other_exports: Vec<String>,
    /// Oldest glibc that has all that it needs, for example `2.34`.
    pub glibc: Option<String>,
}

/// Checks a library without loading it.
///
/// # Errors
/// [`Refusal::NotALibrary`], [`Refusal::NoSymbol`], [`Refusal::Static`] or [`Refusal::Needs`].
pub(crate) fn check(library: &[u8]) -> Result<Facts, Refusal> {
    let malformed = |error: object::read::Error| Refusal::NotALibrary(error.to_string());
    let header = Header::parse(library).map_err(malformed)?;
    let endian = header.endian().map_err(malformed)?;
    if header.e_machine(endian) != MACHINE {
        return Err(Refusal::NotALibrary("it is for another processor".into()));
    }
    if header.e_type(endian) != elf::ET_DYN {
        return Err(Refusal::NotALibrary("it is no shared object".into()));
    }
    let segments = header.program_headers(endian, library).map_err(malformed)?;
    check_segments(segments, endian)?;
    let dynamic = segments
        .iter()
        .find_map(|segment| segment.dynamic(endian, library).transpose())
        .ok_or_else(|| Refusal::NotALibrary("it has no dynamic section".into()))?;
    check_dynamic(dynamic.map_err(malformed)?, segments, endian, library)?;
    check_symbol(header, endian, library)?;
    Ok(Facts {
        other_exports: other_exports(header, endian, library),
        glibc: oldest_glibc(header, endian, library),
    })
}

fn check_segments(segments: &[Segment], endian: Endianness) -> Result<(), Refusal> {
    let is_writable_code = |segment: &Segment| {
        let flags = segment.p_flags(endian);
        segment.p_type(endian) == elf::PT_LOAD
            && flags.contains(elf::PF_W)
            && flags.contains(elf::PF_X)
    };
    let stack = segments
        .iter()
        .find(|segment| segment.p_type(endian) == elf::PT_GNU_STACK);
    // Without the header, the stack would become executable.
    if stack.is_none_or(|stack| stack.p_flags(endian).contains(elf::PF_X)) {
        return Err(Refusal::Static("an executable stack"));
    }
    if segments.iter().any(is_writable_code) {
        return Err(Refusal::Static("code that can be written to"));
    }
    if segments
        .iter()
        .any(|segment| segment.p_type(endian) == elf::PT_INTERP)
    {
        return Err(Refusal::Static("a loader of its own (PT_INTERP)"));
    }
    Ok(())
}

fn check_dynamic(
    entries: &[Entry],
    segments: &[Segment],
    endian: Endianness,
    library: &[u8],
) -> Result<(), Refusal> {
    let value_of = |tag| {
        let entry = entries.iter().find(|entry| entry.d_tag(endian) == tag);
        entry.map(|entry| entry.d_val(endian))
    };
    for (tag, what) in [
        (elf::DT_RPATH, "a search path (RPATH)"),
        (elf::DT_RUNPATH, "a search path (RUNPATH)"),
        (elf::DT_TEXTREL, "relocations in its code (TEXTREL)"),
        (elf::DT_AUDIT, "an auditor (DT_AUDIT)"),
        (elf::DT_DEPAUDIT, "an auditor (DT_DEPAUDIT)"),
        (elf::DT_FILTER, "a filter (DT_FILTER)"),
        (elf::DT_AUXILIARY, "a filter (DT_AUXILIARY)"),
    ] {
        if value_of(tag).is_some() {
            return Err(Refusal::Static(what));
        }
    }
    const TEXT_RELOCATIONS: u64 = 4; // DF_TEXTREL of the ELF specification
    if value_of(elf::DT_FLAGS).is_some_and(|flags| flags & TEXT_RELOCATIONS != 0) {
        return Err(Refusal::Static("relocations in its code (TEXTREL)"));
    }
    let strings = value_of(elf::DT_STRTAB).zip(value_of(elf::DT_STRSZ));
    let strings = strings.and_then(|(at, size)| {
        let ranges = segments.iter();
        let mut found = ranges
            .filter(|segment| segment.p_type(endian) == elf::PT_LOAD)
            .filter_map(|segment| segment.data_range(endian, library, at, size).ok().flatten());
        found.next()
    });
    let strings = strings.ok_or_else(|| Refusal::NotALibrary("it has no string table".into()))?;
    let needed = entries
        .iter()
        .filter(|entry| entry.d_tag(endian) == elf::DT_NEEDED);
    for entry in needed {
        let name = name_at(strings, entry.d_val(endian));
        if !ALLOWED.contains(&&*name) {
            return Err(Refusal::Needs(name));
        }
    }
    Ok(())
}

fn name_at(strings: &[u8], offset: u64) -> String {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    let rest = strings.get(at..).unwrap_or_default();
    let name = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

fn check_symbol(header: &Header, endian: Endianness, library: &[u8]) -> Result<(), Refusal> {
    let sections = header.sections(endian, library).ok();
    let symbols = sections
        .and_then(|sections| sections.symbols(endian, library, elf::SHT_DYNSYM).ok())
        .ok_or(Refusal::NoSymbol)?;
    let is_descriptor = |symbol: &&elf::Sym64<Endianness>| {
        let name = symbol.name(endian, symbols.strings()).unwrap_or_default();
        name == SYMBOL.as_bytes() && !symbol.is_undefined(endian)
    };
    let symbol = symbols.symbols().iter().find(is_descriptor);
    let symbol = symbol.ok_or(Refusal::NoSymbol)?;
    let is_data = symbol.st_type() == elf::STT_OBJECT;
    if is_data && symbol.st_size(endian) >= u64::from(MIN_DESCRIPTOR_SIZE) {
        return Ok(());
    }
    Err(Refusal::NoSymbol)
}

/// Linkers of old export these of every library.
const OF_THE_LINKER: [&str; 5] = ["_init", "_fini", "__bss_start", "_edata", "_end"];

fn other_exports(header: &Header, endian: Endianness, library: &[u8]) -> Vec<String> {
    let sections = header.sections(endian, library).ok();
    let symbols =
        sections.and_then(|sections| sections.symbols(endian, library, elf::SHT_DYNSYM).ok());
    let Some(symbols) = symbols else {
        return vec![];
    };
    let names = symbols.symbols().iter().filter_map(|symbol| {
        let name = symbol.name(endian, symbols.strings()).unwrap_or_default();
        let is_exported = !symbol.is_undefined(endian) && symbol.st_bind() != elf::STB_LOCAL;
        is_exported.then(|| String::from_utf8_lossy(name).into_owned())
    });
    names
        .filter(|name| name != SYMBOL && !OF_THE_LINKER.contains(&name.as_str()))
        .collect()
}

fn oldest_glibc(header: &Header, endian: Endianness, library: &[u8]) -> Option<String> {
    let sections = header.sections(endian, library).ok()?;
    let (mut needs, strings) = sections.gnu_verneed(endian, library).ok()??;
    let strings = sections.strings(endian, library, strings).ok()?;
    let mut newest = None;
    while let Ok(Some((_, mut versions))) = needs.next() {
        while let Ok(Some(version)) = versions.next() {
            let name = version.name(endian, strings).unwrap_or_default();
            let number = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_");
            let parts = number.map(|number| number.split('.').map(str::parse::<u32>).collect());
            if let Some(Ok(parts)) = parts {
                newest = newest.max(Some::<Vec<u32>>(parts));
            }
        }
    }
    let numbers: Vec<_> = newest?.iter().map(ToString::to_string).collect();
    Some(numbers.join("."))
}
