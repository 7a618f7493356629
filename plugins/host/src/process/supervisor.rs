//! The thread that starts and ends processes. They end with it (`PR_SET_PDEATHSIG` is about threads), so it lives
//! as long as the server.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
};

use tokio::sync::oneshot;

use super::ChildProgram;

enum Order {
    Start {
        program: ChildProgram,
        socket: OwnedFd,
        library: OwnedFd,
        started: oneshot::Sender<io::Result<Child>>,
    },
    End(Child),
}

/// A process, which ends when this is dropped.
pub(super) struct Process(Option<Child>);

impl Process {
    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = self.0.take() {
            let _sent = orders().send(Order::End(child));
        }
    }
}

/// Starts a process with a socket as its standard input, a library as its output, and nothing else.
///
/// # Errors
/// What the operating system says.
pub(super) async fn spawn(
    program: ChildProgram,
    socket: OwnedFd,
    library: OwnedFd,
) -> io::Result<Process> {
    let (started, answer) = oneshot::channel();
    let order = Order::Start {
        program,
        socket,
        library,
        started,
    };
    let gone = || io::Error::other("the thread that starts processes is gone");
    orders().send(order).map_err(|_| gone())?;
    let child = answer.await.map_err(|_| gone())??;
    Ok(Process(Some(child)))
}

fn orders() -> &'static Sender<Order> {
    static ORDERS: OnceLock<Sender<Order>> = OnceLock::new();
    ORDERS.get_or_init(|| {
        let (orders, taken) = channel();
        let work = move || {
            for order in taken {
                carry_out(order);
            }
        };
        let named = thread::Builder::new().name("plugin-processes".to_owned());
        // Without the thread every start fails, and says so.
        let _thread = named.spawn(work);
        orders
    })
}

fn carry_out(order: Order) {
    match order {
        Order::Start {
            program,
            socket,
            library,
            started,
        } => {
            let child = Command::new(&program.program)
                .args(&program.arguments)
                .env_clear()
                .current_dir("/")
                .stdin(Stdio::from(socket))
                .stdout(Stdio::from(library))
                .stderr(Stdio::null())
                .spawn();
            if let Err(Ok(child)) = started.send(child) {
                end(child);
            }
        }
        Order::End(child) => end(child),
    }
}

fn end(mut child: Child) {
    // It may have ended by itself; then there is only its number to give back.
    let _killed = child.kill();
    let _waited = child.wait();
}
