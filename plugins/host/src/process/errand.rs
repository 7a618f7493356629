//! One call of one process.

use std::{io, sync::Arc};

use tokio::{runtime::Handle, sync::OwnedSemaphorePermit, time::timeout};

use super::{Child, Pool};
use crate::{
    call::{Breach, CallFault, Reply},
    frame::Frame,
};

/// A process while it answers. If whoever asked goes away it is waited for nevertheless: a client that hangs up must not
/// end a process, nor leave it in the middle of an answer.
pub(super) struct Errand {
    pool: Arc<Pool>,
    child: Option<Child>,
    place: Option<OwnedSemaphorePermit>,
    is_sent: bool,
}

impl Errand {
    pub(super) fn new(pool: Arc<Pool>, child: Child, place: OwnedSemaphorePermit) -> Self {
        Self {
            pool,
            child: Some(child),
            place: Some(place),
            is_sent: false,
        }
    }

    /// Asks, and waits for the answer or the deadline.
    ///
    /// # Errors
    /// [`CallFault`]; the process is ended then.
    pub(super) async fn run(mut self, request: &[u8]) -> Result<Reply, CallFault> {
        let answer = timeout(self.pool.deadline, self.exchange(request)).await;
        let reply = answer.map_or(Err(CallFault::TimedOut), judge);
        if let Some(child) = self.child.take() {
            self.pool.settle(child, reply.is_ok());
        }
        reply
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Frame> {
        let child = self.child.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        child.send(request).await?;
        self.is_sent = true;
        self.pool.launch.receive(child).await
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // A process that has half a request is of no use.
        let (Ok(runtime), true) = (Handle::try_current(), self.is_sent) else {
            return;
        };
        let (pool, place) = (self.pool.clone(), self.place.take());
        runtime.spawn(async move {
            let answer = timeout(pool.deadline, pool.launch.receive(&mut child)).await;
            let reply = answer.map_or(Err(CallFault::TimedOut), judge);
            pool.settle(child, reply.is_ok());
            drop(place);
        });
    }
}

fn judge(answer: io::Result<Frame>) -> Result<Reply, CallFault> {
    match answer {
        Err(_) => Err(CallFault::Died),
        Ok(Frame::Reply(reply)) => Ok(reply),
        Ok(Frame::Breach(breach)) => Err(CallFault::Breach(breach)),
        Ok(_) => Err(CallFault::Breach(Breach::Frame)),
    }
}
