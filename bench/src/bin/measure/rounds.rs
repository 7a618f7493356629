//! Interleaved rounds: every load has its turn in each, so that what disturbs the machine disturbs
//! all of them alike, and only the ratios of one round are compared.

use std::path::PathBuf;

use countersign_tests::{Client, Server};

use crate::{
    plan::Plan,
    process,
    sign_ins::{self, Who},
    wrk::{self, CONNECTIONS},
};

/// What is asked of one or more processes.
pub(crate) struct Load {
    /// How it is called in the tables.
    pub name: String,
    /// The processes whose time counts.
    pub pids: Vec<u32>,
    /// What is asked.
    pub what: What,
}

/// What is asked.
pub(crate) enum What {
    /// One URL, with the headers of a file in turn, over so many connections.
    Requests {
        url: String,
        headers: PathBuf,
        connections: usize,
    },
    /// Whole sign-ins by so many clients at once.
    SignIns {
        client: Client,
        who: Who,
        clients: usize,
    },
}

/// What a client has seen.
pub(crate) struct Answered {
    /// Requests, or sign-ins.
    pub requests: f64,
    /// How long all took together.
    pub seconds: f64,
    /// How long half of them took at most.
    pub p50_us: f64,
    /// How long all but one in a hundred took at most.
    pub p99_us: f64,
}

/// One turn.
#[derive(Clone)]
pub(crate) struct Sample {
    /// Requests a second.
    pub rate: f64,
    /// The processes' own processor time for one.
    pub cpu_us: f64,
    /// That of each process.
    pub cpu_us_of: Vec<f64>,
    pub p50_us: f64,
    pub p99_us: f64,
}

/// The samples of all rounds, for each load in the order given.
pub(crate) async fn run(loads: &[Load], plan: &Plan) -> Vec<Vec<Sample>> {
    let mut samples = vec![vec![]; loads.len()];
    for round in 1..=plan.rounds {
        for (load, samples) in loads.iter().zip(&mut samples) {
            let sample = load.turn(plan).await;
            let Sample { rate, cpu_us, .. } = &sample;
            eprintln!("round {round}: {}: {rate:.0}/s, {cpu_us:.1} us", load.name);
            samples.push(sample);
        }
    }
    samples
}

impl Load {
    /// Requests to a route of a server, each time with the next line of a file of headers.
    pub(crate) fn requests(server: &Server, path: &str, headers: PathBuf) -> Self {
        let what = What::Requests {
            url: format!("{}{path}", server.url()),
            headers,
            connections: CONNECTIONS,
        };
        Self::of(server, what)
    }

    /// Whole sign-ins by so many clients at once.
    pub(crate) fn sign_ins(server: &Server, who: &Who, clients: usize) -> Self {
        let what = What::SignIns {
            client: Client::new(server.url().to_owned()),
            who: who.clone(),
            clients,
        };
        Self::of(server, what)
    }

    fn of(server: &Server, what: What) -> Self {
        Self {
            name: String::new(),
            pids: vec![server.pid()],
            what,
        }
    }

    /// The same under a name.
    pub(crate) fn called(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, ..self }
    }

    async fn turn(&self, plan: &Plan) -> Sample {
        // What is only remembered for a minute is read again before the clock runs.
        self.ask(1, plan.sign_ins / 10).await;
        let used = || self.pids.iter().map(|pid| process::cpu_time(*pid));
        let before: Vec<_> = used().collect();
        let answered = self.ask(plan.seconds, plan.sign_ins).await;
        let used = used().zip(before).map(|(after, before)| after - before);
        let cpu_us_of: Vec<_> = used
            .map(|cpu| cpu.as_secs_f64() * 1e6 / answered.requests)
            .collect();
        Sample {
            rate: answered.requests / answered.seconds,
            cpu_us: cpu_us_of.iter().sum(),
            cpu_us_of,
            p50_us: answered.p50_us,
            p99_us: answered.p99_us,
        }
    }

    async fn ask(&self, seconds: u32, count: usize) -> Answered {
        match &self.what {
            What::Requests {
                url,
                headers,
                connections,
            } => wrk::load(url, headers, seconds, *connections),
            What::SignIns {
                client,
                who,
                clients,
            } => {
                // One client alone is slower.
                let count = if *clients == 1 { count / 4 } else { count };
                sign_ins::load(client, who, count.max(1), *clients).await
            }
        }
    }
}
