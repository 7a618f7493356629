//! Which of many cases ended the process, or did not return.

use std::time::Duration;

use tokio::time::timeout;

use super::{Finding, Rule};
use crate::{
    descriptor::Descriptor,
    drill::{Case, Drill},
    frame::Frame,
    process::{Child, Launch},
    refusal::Refusal,
};

/// How long one call may take until it is taken for endless.
const ENDLESS: Duration = Duration::from_secs(3);

/// Starts a process whose plugin is created.
///
/// # Errors
/// [`Refusal`], as at the first start.
pub(super) async fn start(launch: &Launch) -> Result<Child, Refusal> {
    let (mut child, _, _) = launch.open().await?;
    launch.create(&mut child).await?;
    Ok(child)
}

/// Asks them one by one, in a new process.
///
/// # Errors
/// [`Refusal`], when there is no new process.
pub(super) async fn find(
    launch: &Launch,
    descriptor: &Descriptor,
    (first, count): (u32, u32),
) -> Result<Finding, Refusal> {
    let mut child = start(launch).await?;
    for number in first..first + count {
        let drill = Frame::Drill(Drill::Cases {
            first: number,
            count: 1,
        });
        let what = || {
            let case = Case::new(number, descriptor);
            format!("case {number}, {}", case.describe())
        };
        let asked = launch.exchange(&mut child, &drill);
        match timeout(ENDLESS, asked).await {
            Ok(Ok(Frame::Drilled(_))) => {}
            Ok(_) => {
                return Ok(Finding::new(
                    Rule::Crash,
                    format!("{}: its process ends", what()),
                ));
            }
            Err(_) => {
                return Ok(Finding::new(
                    Rule::Hang,
                    format!("{}: it does not return", what()),
                ));
            }
        }
    }
    let last = first + count - 1;
    let text = format!(
        "its process ends, or does not answer, after cases {first} to {last}, though not after each of them"
    );
    Ok(Finding::new(Rule::Crash, text))
}
