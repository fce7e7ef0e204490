//! A child process ends with its holder, in whatever way that ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use infra_local::process::{Program, Signal};
use rustix::process::{Pid, kill_process, test_kill_process};

const SOON: Duration = Duration::from_secs(10);

fn is_alive(pid: Pid) -> bool {
    test_kill_process(pid).is_ok()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < until, "{what}: not within {SOON:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn stubborn() -> Program {
    Program::new("stubborn", "sh").arguments(["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"])
}

#[tokio::test]
async fn a_program_that_ends_is_seen_with_its_exit_status() {
    let mut program = Program::new("program", "sh").arguments(["-c", "exit 7"]).spawn().unwrap();
    assert_eq!(program.wait().await.unwrap().to_string(), "exit status 7");
}

#[tokio::test]
async fn a_program_that_is_missing_is_seen_with_its_name_in_the_output() {
    let mut program = Program::new("program", "/nowhere/program").spawn().unwrap();
    let output = std::io::read_to_string(program.take_output().unwrap()).unwrap();
    assert!(output.contains("/nowhere/program"), "{output}");
    assert_eq!(program.wait().await.unwrap().to_string(), "exit status 127");
}

#[tokio::test]
async fn a_stop_is_graceful_and_makes_an_end_when_the_deadline_has_passed() {
    let mut polite = Program::new("polite", "sleep").arguments(["100"]).spawn().unwrap();
    assert_eq!(polite.stop(SOON).await.unwrap().to_string(), "terminated (SIGTERM)");

    let mut program = stubborn().spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(program.take_output().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(program.stop(Duration::from_millis(200)).await.unwrap().to_string(), "killed (SIGKILL)");
    assert!(!is_alive(program.pid()));
}

#[tokio::test]
async fn a_signal_reaches_the_program_itself() {
    let mut program = Program::new("program", "sleep").arguments(["100"]).spawn().unwrap();
    program.signal(Signal::KILL);
    assert_eq!(program.wait().await.unwrap().to_string(), "killed (SIGKILL)");
}

#[test]
fn a_dropped_program_ends_even_if_it_is_stubborn_and_its_folder_goes_with_it() {
    let home = tempfile::tempdir().unwrap().keep();
    let program = stubborn().grace_period(Duration::from_millis(200)).remove_afterwards(&home).spawn().unwrap();
    let pid = program.pid();
    assert!(is_alive(pid) && home.exists());
    drop(program);
    wait_until("the program ends", || !is_alive(pid));
    wait_until("its folder is removed", || !home.exists());
}

#[tokio::test]
async fn a_program_that_dies_alone_leaves_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let mut program =
        Program::new("program", "sleep").arguments(["100"]).remove_afterwards(home.path()).spawn().unwrap();
    program.kill().await.unwrap();
    drop(program);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(home.path().exists());
}

/// Set for the process that this test starts of itself, to be killed.
const IS_HOLDER: &str = "TICKETING_TEST_IS_HOLDER";

#[test]
fn sigkill_of_the_holder_leaves_no_program_behind() {
    if std::env::var_os(IS_HOLDER).is_some() {
        return hold_until_killed();
    }
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::sigkill_of_the_holder_leaves_no_program_behind", "--nocapture"])
        .env(IS_HOLDER, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = BufReader::new(holder.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix("holds ")?.parse().ok().and_then(Pid::from_raw))
        .unwrap();
    assert!(is_alive(pid));
    kill_process(Pid::from_child(&holder), Signal::KILL).unwrap();
    holder.wait().unwrap();
    wait_until("the program ends", || !is_alive(pid));
}

fn hold_until_killed() {
    let program = stubborn().grace_period(Duration::from_millis(100)).spawn().unwrap();
    println!("\nholds {}", program.pid().as_raw_nonzero());
    std::thread::sleep(SOON);
}
