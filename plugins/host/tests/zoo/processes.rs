//! Plugins that crash, hang or grope around: only their own process notices.

use std::{fs, time::Instant};

use countersign_core::verifier::{AddressError, VerifyError};
use countersign_plugin_host::{Isolation, LAYERS, State};

use super::{Directory, load, only, verify};

const UNAVAILABLE: Result<(), VerifyError> = Err(VerifyError::Unavailable);

#[tokio::test]
async fn what_ends_a_process_ends_no_other_and_three_times_are_enough() {
    let directory = Directory::new(Isolation::Process);
    let good = load(&directory, directory.build("good", &[]))
        .await
        .unwrap();
    for (specimen, fault) in [
        ("endless_loop", "no answer in time"),
        ("segfault", "its process ended"),
        ("stack_overflow", "its process ended"),
        ("aborts", "its process ended"),
        ("exits", "its process ended"),
        ("memory_hog", "its process ended"),
    ] {
        let mut grant = directory.build(specimen, &[]);
        if specimen == "memory_hog" {
            grant.deadline = std::time::Duration::from_secs(5);
        }
        let set = load(&directory, grant).await.unwrap();
        let chain = only(&set);
        for round in 1..=3 {
            assert!(chain.is_available(), "{specimen}, {round}");
            let asked = verify(&*chain, "alice", "misbehave").await;
            assert_eq!(asked.map(drop), UNAVAILABLE, "{specimen}, {round}");
            let elsewhere = verify(&*only(&good), "alice", "hello").await;
            assert!(elsewhere.is_ok(), "{specimen}, {round}: another chain");
            if round < 3 {
                let again = verify(&*chain, "alice", "hello").await;
                assert!(again.is_ok(), "{specimen}, {round}: a new process answers");
            }
        }
        let reason = format!("{fault}; 3 such faults within a minute");
        let state = &set.reports()[0].state;
        assert_eq!(*state, State::Quarantined(reason), "{specimen}");
        assert!(!chain.is_available(), "{specimen}");
    }
}

#[tokio::test]
async fn whoever_hangs_up_ends_no_process_and_leaves_no_answer_behind() {
    let directory = Directory::new(Isolation::Process);
    let when = "-DWHEN(request)=is_message(request, \"misbehave\")";
    let mut grant = directory.build("slow", &[when]);
    grant.deadline = std::time::Duration::from_secs(30);
    let set = load(&directory, grant).await.unwrap();
    let chain = only(&set);
    let before = set.reports()[0].processes.clone();
    for _ in 0..3 {
        let asked = verify(&*chain, "alice", "misbehave");
        let hung_up = tokio::time::timeout(std::time::Duration::from_millis(20), asked).await;
        assert!(hung_up.is_err(), "it takes longer than that");
        let next = verify(&*chain, "bob", "hello").await;
        assert!(next.is_ok(), "it is not answered by what was left behind");
    }
    assert_eq!(set.reports()[0].processes, before);
    assert_eq!(set.reports()[0].state, State::Serving);
}

#[tokio::test]
async fn what_is_no_answer_is_a_breach() {
    let directory = Directory::new(Isolation::Process);
    let set = load(&directory, directory.build("junk_on_the_socket", &[]))
        .await
        .unwrap();
    let chain = only(&set);
    let asked = verify(&*chain, "alice", "misbehave").await;
    assert_eq!(asked.map(drop), UNAVAILABLE);
    let reason = "its process sends what is no answer".to_owned();
    assert_eq!(set.reports()[0].state, State::Quarantined(reason));
}

#[tokio::test]
async fn nothing_is_open_to_a_plugin_but_its_answer() {
    let directory = Directory::new(Isolation::Process);
    let set = load(&directory, directory.build("probe", &[]))
        .await
        .unwrap();
    let chain = only(&set);
    let asked = verify(&*chain, "alice", "misbehave").await;
    assert_eq!(asked.map(drop), Err(VerifyError::InvalidProof), "it tried");
    let tried = chain.parse_address("report").await;
    assert_eq!(tried, Err(AddressError::malformed("nothing")));
    let report = &set.reports()[0];
    assert_eq!(report.missing_layers, Vec::<String>::new(), "{LAYERS:?}");
    let [process] = report.processes[..] else {
        panic!("one process: {report:?}");
    };
    let threads: Vec<_> = fs::read_dir(format!("/proc/{process}/task"))
        .unwrap()
        .map(|thread| thread.unwrap().path())
        .collect();
    assert!(!threads.is_empty());
    for thread in threads {
        let status = fs::read_to_string(thread.join("status")).unwrap();
        assert!(status.contains("\nNoNewPrivs:\t1\n"), "{status}");
        assert!(status.contains("\nSeccomp:\t2\n"), "{status}");
    }
}

#[tokio::test]
async fn a_process_ends_with_what_asks_it() {
    let directory = Directory::new(Isolation::Process);
    let set = load(&directory, directory.build("good", &[]))
        .await
        .unwrap();
    let process = set.reports()[0].processes[0];
    let is_there = || fs::exists(format!("/proc/{process}")).unwrap();
    assert!(is_there());
    drop(set);
    let start = Instant::now();
    while is_there() {
        assert!(start.elapsed().as_secs() < 10, "it is still there");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_constructor_runs_in_the_jail() {
    let directory = Directory::new(Isolation::Process);
    let marker = directory.file("ran");
    let runs = format!("-DZOO_FILE=\"{}\"", marker.display());
    load(&directory, directory.build("constructor", &[&runs]))
        .await
        .unwrap();
    assert!(!marker.exists(), "its constructor could write");
    let elsewhere = Directory::new(Isolation::InProcess);
    load(&elsewhere, elsewhere.build("constructor", &[&runs]))
        .await
        .unwrap();
    assert!(marker.exists(), "the specimen does what it is about");
}

#[tokio::test]
async fn many_calls_at_once_share_the_processes() {
    let directory = Directory::new(Isolation::Process);
    let mut grant = directory.build("good", &[]);
    grant.processes = 2;
    let set = load(&directory, grant).await.unwrap();
    let chain = only(&set);
    let calls: Vec<_> = (0..200)
        .map(|number| {
            let chain = chain.clone();
            tokio::spawn(async move {
                let message = format!("hello {number}");
                verify(&*chain, "alice", &message).await.is_ok()
            })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap());
    }
    let processes = set.reports()[0].processes.len();
    assert!((1..=2).contains(&processes), "{processes}");
}
