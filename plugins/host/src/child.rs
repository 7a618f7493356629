//! What runs in a plugin's own process.

use std::{
    env, fs,
    io::{self, BufReader, Read, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    process::{ExitCode, exit},
    sync::{Arc, Mutex, PoisonError},
};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use crate::{
    drill::{Drills, silence},
    frame::{Frame, MAX_FRAME_LEN},
    jail::{self, Denied},
    loaded::{Instance, Loaded, LogSink},
    refusal::Refusal,
};

/// Libraries that a plugin may need and this program may not have. They are loaded before no path can be opened.
const LIBRARIES: [&str; 2] = ["libm.so.6", "libgcc_s.so.1"];

/// Runs a plugin for the server that started this process: standard input is a socket, standard output the library.
/// It is to be called first, before any thread is started, and returns when the server goes away.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    // A fault ends the process at once: the handlers that explain it would need what the jail denies.
    for fault in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: no other thread runs, and the default handler is always there.
        let _before = unsafe { libc::signal(fault, libc::SIG_DFL) };
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let (mut socket, library) = take_descriptors()?;
    // Nothing can be duplicated in the jail.
    let log = Arc::new(Mutex::new(socket.try_clone()?));
    let mut orders = BufReader::new(socket.try_clone()?);
    let Frame::Open { without, threads } = read(&mut orders)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let drills = match threads {
        0 => None,
        threads => Some(Drills::start(threads)?),
    };
    let denied = match drills {
        Some(_) => Denied::Traps,
        None => Denied::Fails,
    };
    let opened = open(library, &without, denied);
    let (loaded, missing) = match opened {
        Ok(opened) => opened,
        Err(refusal) => return write(&mut socket, &Frame::Refused(refusal)),
    };
    let descriptor = loaded.descriptor().clone();
    let missing = missing.into_iter().map(str::to_owned).collect();
    let opened = Frame::Opened {
        descriptor,
        missing,
    };
    if opened.encode().is_none() {
        let fault = Refusal::Process("its descriptor is longer than a frame".into());
        return write(&mut socket, &Frame::Refused(fault));
    }
    write(&mut socket, &opened)?;
    let Frame::Create { config } = read(&mut orders)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let sink: LogSink = Arc::new(move |level, line: &[u8]| {
        let line = line.to_vec();
        let mut socket = log.lock().unwrap_or_else(PoisonError::into_inner);
        if write(&mut socket, &Frame::Log { level, line }).is_err() {
            exit(1);
        }
    });
    // A drill makes more calls than anybody would read lines of.
    let sink = if drills.is_some() { silence() } else { sink };
    let instance = match loaded.create(&config, sink) {
        Ok(instance) => Arc::new(instance),
        Err(refusal) => return write(&mut socket, &Frame::Refused(refusal)),
    };
    write(&mut socket, &Frame::Created)?;
    let mut service = Service {
        loaded,
        instance,
        config,
        drills,
    };
    service.run(&mut orders, &mut socket)
}

/// A plugin that is created, and answers.
struct Service {
    loaded: Loaded,
    instance: Arc<Instance>,
    config: String,
    drills: Option<Drills>,
}

impl Service {
    fn run(&mut self, orders: &mut impl Read, socket: &mut UnixStream) -> io::Result<()> {
        loop {
            let request = match read(orders) {
                Ok(Frame::Call(request)) => request,
                Ok(Frame::Drill(drill)) => {
                    let drills = self.drills.as_mut().ok_or(io::ErrorKind::InvalidData)?;
                    let drilled = drills.perform(drill, &self.loaded, &self.instance, &self.config);
                    write(socket, &Frame::Drilled(drilled))?;
                    continue;
                }
                Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
                // The server has gone, and the plugin is not asked to tidy up.
                Err(_) => exit(0),
            };
            let answer = match self.instance.invoke(&request) {
                Ok(reply) => Frame::Reply(reply),
                Err(breach) => Frame::Breach(breach),
            };
            write(socket, &answer)?;
        }
    }
}

fn open(
    library: OwnedFd,
    without: &[String],
    denied: Denied,
) -> Result<(Loaded, Vec<&'static str>), Refusal> {
    for name in LIBRARIES {
        // SAFETY: these are the system's own libraries, found as the loader finds them for any program.
        let opened = unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL) };
        std::mem::forget(opened);
    }
    let missing = jail::enter();
    let is_needed = |layer: &&&str| !without.iter().any(|name| name == *layer);
    if let Some(layer) = missing.iter().find(is_needed) {
        return Err(Refusal::Jail((*layer).to_owned()));
    }
    let loaded = Loaded::open(library)?;
    let is_filtered = !missing.contains(&"seccomp");
    if is_filtered && !jail::close(denied) {
        return Err(Refusal::Jail("seccomp".to_owned()));
    }
    Ok((loaded, missing))
}

/// Takes socket and library from where they came in, puts nothing there, and closes all else.
fn take_descriptors() -> io::Result<(UnixStream, OwnedFd)> {
    let nothing = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let library = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    drop(nothing);
    let entries = fs::read_dir("/proc/self/fd")?.flatten();
    let open: Vec<i32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in open {
        let is_ours = number == socket.as_raw_fd() || number == library.as_raw_fd();
        if number > 2 && !is_ours {
            // SAFETY: nothing in this process uses what another left open; the directory's own is closed already.
            let _closed = unsafe { libc::close(number) };
        }
    }
    debug_assert_eq!(
        env::vars_os().count(),
        0,
        "the server passes no environment on"
    );
    Ok((UnixStream::from(socket), library))
}

fn read(socket: &mut impl Read) -> io::Result<Frame> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME_LEN {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    socket.read_exact(&mut bytes)?;
    Frame::decode(&bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn write(socket: &mut UnixStream, frame: &Frame) -> io::Result<()> {
    let bytes = frame.encode().ok_or(io::ErrorKind::InvalidInput)?;
    socket.write_all(&bytes)
}
