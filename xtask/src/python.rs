//! Python tools that are installed for one suite or host, below `target/tools` and nowhere else.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::place::Place;
use crate::run;

/// A virtual environment with pinned packages.
pub(crate) struct Tool {
    /// Name of its folder.
    pub(crate) name: &'static str,
    /// Arguments of one `pip install` each.
    pub(crate) installs: &'static [&'static [&'static str]],
}

impl Tool {
    /// Installs it unless it is there, and gives its Python.
    pub(crate) fn python(&self, place: &Place) -> Result<PathBuf> {
        let folder = place.tools().join(self.name);
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        // Written last, so that a broken installation starts again; changed pins do so as well.
        let (mark, pins) = (folder.join("installed"), self.pins(place));
        if python.exists() && std::fs::read_to_string(&mark).is_ok_and(|there| there == pins) {
            return Ok(python);
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(place.tools())?;
        make_environment(place, &folder)?;
        for install in self.installs {
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            run::run(Command::new(&python).args(pip).args(*install).current_dir(&place.root))?;
        }
        std::fs::write(mark, pins)?;
        Ok(python)
    }

    /// What is installed, with the text of the files that are named.
    fn pins(&self, place: &Place) -> String {
        let words = self.installs.iter().flat_map(|install| install.iter());
        let files = words.filter_map(|word| std::fs::read_to_string(place.root.join(word)).ok());
        format!("{:?}\n{}", self.installs, files.collect::<String>())
    }
}

/// Makes a virtual environment; on a Debian machine without `venv`, installs that first if we may.
fn make_environment(place: &Place, folder: &Path) -> Result<()> {
    let make =
        || run::run(Command::new(base_python()).args(["-m", "venv"]).arg(folder).current_dir(&place.root));
    make().or_else(|cause| {
        let help = "no Python 3 with venv; next: install it (Debian: `apt-get install python3-venv`)";
        if !is_root() || !works("apt-get", &["--version"]) {
            return Err(cause.context(help));
        }
        let apt = |arguments: &[&str]| {
            run::run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
        };
        apt(&["update", "--quiet"])?;
        apt(&["install", "--quiet", "--yes", "--no-install-recommends", "python3", "python3-venv"])?;
        make().context(help)
    })
}

fn base_python() -> &'static str {
    if works("python3", &["--version"]) || cfg!(not(windows)) { "python3" } else { "python" }
}

fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
