//! Child processes, none of which outlives us.
//!
//! Every child leads a process group of its own, so that ending it also ends what it started (cargo's
//! compilers, a test's servers). A group is ended when its [`Running`] is dropped, and on Ctrl-C.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Groups that run now. The Ctrl-C handler ends them.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// How long a child may take to end when asked, before it is ended by force.
const GRACE: Duration = Duration::from_secs(3);

/// Ends all children when we are interrupted or told to terminate.
pub(crate) fn end_children_on_ctrl_c() -> Result<()> {
    let handler = || {
        let groups = GROUPS.lock().map(|groups| groups.clone()).unwrap_or_default();
        groups.iter().for_each(|group| signal(*group, Strength::Ask));
        std::thread::sleep(Duration::from_millis(500));
        groups.iter().for_each(|group| signal(*group, Strength::Force));
        std::process::exit(130);
    };
    ctrlc::set_handler(handler).context("no Ctrl-C handler could be set")
}

/// A child that is ended when this is dropped.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Waits for it to end by itself.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Its standard output, once, when it was asked for.
    pub(crate) fn stdout(&mut self) -> Result<std::process::ChildStdout> {
        self.child.stdout.take().context("the child's output is not piped (a mistake in xtask)")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = self.child.id();
        // What the child has left behind in its group ends too, even when the child itself is gone.
        signal(group, Strength::Ask);
        let until = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(group, Strength::Force);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Ok(mut groups) = GROUPS.lock() {
            groups.retain(|other| *other != group);
        }
    }
}

/// Starts a child that reads nothing from the terminal, unless the command says otherwise.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.spawn().with_context(|| {
        format!("`{}` could not be started; next: see that it is installed and on the PATH", line(command))
    })?;
    if let Ok(mut groups) = GROUPS.lock() {
        groups.push(child.id());
    }
    Ok(Running { child })
}

/// Runs a command in the open: its line, its output, and an error that says how to run it alone.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = start(command.stdin(Stdio::null()))?.wait()?;
    if status.success() { Ok(()) } else { bail!(failed(command, status)) }
}

/// Runs a command in the open and also keeps its standard output, byte for byte as it comes.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    announce(command);
    let mut running = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut from = running.stdout()?;
    let mut to = std::io::stdout();
    let (mut kept, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        to.write_all(&buffer[..count]).and_then(|()| to.flush())?;
        kept.extend_from_slice(&buffer[..count]);
    }
    Ok((running.wait()?, String::from_utf8_lossy(&kept).into_owned()))
}

/// Runs a command quietly and gives its standard output; its complaints still reach the terminal.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let mut running = start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut text = String::new();
    running
        .stdout()?
        .read_to_string(&mut text)
        .with_context(|| format!("`{}` did not print text", line(command)))?;
    let status = running.wait()?;
    if status.success() { Ok(text) } else { bail!(failed(command, status)) }
}

/// What to say about a command that did not succeed.
pub(crate) fn failed(command: &Command, status: ExitStatus) -> String {
    format!("`{}` failed ({status}); next: read what it said above, or run it alone", line(command))
}

/// Cargo itself: the one that runs us, so that one toolchain does everything.
pub(crate) fn cargo(place: &crate::Place) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&place.root);
    // Cargo told us these about xtask; children would take them for their own.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    if let Some(home) = &place.cargo_home {
        command.env("CARGO_HOME", home);
    }
    command
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let quoted = |text: std::borrow::Cow<'_, str>| match text.contains([' ', '"', '\'']) || text.is_empty() {
        true => format!("'{}'", text.replace('\'', r"'\''")),
        false => text.into_owned(),
    };
    let words = command.get_args().map(|word| quoted(word.to_string_lossy()));
    std::iter::once(name.into_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

fn announce(command: &Command) {
    eprintln!("$ {}", line(command));
}

enum Strength {
    Ask,
    Force,
}

#[cfg(unix)]
fn signal(group: u32, strength: Strength) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = match strength {
        Strength::Ask => Signal::TERM,
        Strength::Force => Signal::KILL,
    };
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, signal); // It may be gone already; that is what we want.
    }
}

/// Elsewhere the console ends its processes on Ctrl-C, and `Running` ends its own child.
#[cfg(not(unix))]
fn signal(_group: u32, _strength: Strength) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "-p", "a b", "it's"]);
        assert_eq!(line(&command), r"cargo test -p 'a b' 'it'\''s'");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_child_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        // The shell starts a sleeper, writes down its id and waits.
        let script = format!("sleep 60 & echo $! > '{}'; wait", file.display());
        let running = start(Command::new("sh").args(["-c", &script])).unwrap();
        let sleeper = || std::fs::read_to_string(&file).unwrap_or_default().trim().parse::<i32>().ok();
        while sleeper().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(running);
        let pid = rustix::process::Pid::from_raw(sleeper().unwrap()).unwrap();
        let until = Instant::now() + Duration::from_secs(5);
        let zombie = || {
            let stat =
                std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
            stat.contains(") Z ")
        };
        while rustix::process::test_kill_process(pid).is_ok() && !zombie() {
            assert!(Instant::now() < until, "the sleeper still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
