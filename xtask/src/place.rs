//! Where things lie.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build::Core;

/// One copy of the source and the cargo home it is built with.
///
/// The checkout is one such place; `repro` makes two more.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Folder of the workspace.
    pub(crate) root: PathBuf,
    /// Cargo home to use. `None`: the one of the environment.
    pub(crate) cargo_home: Option<PathBuf>,
    /// Refuse to change `Cargo.lock`.
    pub(crate) locked: bool,
}

impl Place {
    /// The checkout this program was compiled in. A checkout that moved is compiled anew by cargo.
    pub(crate) fn of_checkout() -> Result<Place> {
        // Cargo sets it when it runs us, so that a copied `target` still works on the folder at hand.
        let own = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = own.parent().context("xtask lies in the workspace; next: run it as `cargo xtask`")?;
        Ok(Place { root: root.to_owned(), cargo_home: None, locked: false })
    }

    /// Build folder of the components, apart from the rest: their flags must not rebuild everything else. The core with
    /// hooks has its own, or each of the two would be linked anew after the other.
    pub(crate) fn component_target(&self, core: Core) -> PathBuf {
        self.root.join(match core {
            Core::Published => "target/component",
            Core::Hooks => "target/component-hooks",
        })
    }

    /// The finished component.
    pub(crate) fn component(&self) -> PathBuf {
        self.root.join("target/literllm.wasm")
    }

    /// Where hosts embed it.
    pub(crate) fn embedded(&self) -> [PathBuf; 3] {
        ["host-wasmtime", "py-host/literllm", "go-host"]
            .map(|host| self.root.join(host).join("literllm.wasm"))
    }

    /// The typed sibling, which speaks `wasi:http` itself.
    pub(crate) fn typed(&self) -> PathBuf {
        self.root.join("target/literllm-wasi.wasm")
    }

    /// The component that traps and hedges on request.
    pub(crate) fn hooks(&self) -> PathBuf {
        self.root.join("target/literllm-hooks.wasm")
    }

    /// Tools that suites install for themselves.
    pub(crate) fn tools(&self) -> PathBuf {
        self.root.join("target/tools")
    }

    /// The cargo home that builds here will use.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        let from_env = || std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let default = || std::env::home_dir().map(|home| home.join(".cargo"));
        self.cargo_home.clone().or_else(from_env).or_else(default)
    }
}

/// How a path of this checkout is shown: without the folder of the machine.
pub(crate) fn shown<'a>(place: &Place, path: &'a Path) -> std::path::Display<'a> {
    path.strip_prefix(&place.root).unwrap_or(path).display()
}
