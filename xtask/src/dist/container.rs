//! The container of the sandbox, where containers can be built.

use std::process::Command;

use super::artifacts;
use crate::run::{command_in, run_quietly};
use crate::targets::Target;
use crate::{Result, python as wheels, root};

/// Builds the image of `tests/container` with the program of this system, and lets its example run.
pub fn test() -> Result {
    let is_there = |runtime: &str| Command::new(runtime).arg("info").output().is_ok_and(|info| info.status.success());
    let runtimes: &[_] = if Target::host()?.os == "linux" { &["docker", "podman"] } else { &[] };
    let Some(runtime) = runtimes.iter().find(|runtime| is_there(runtime)) else {
        println!("  not tested here: it needs Linux, with docker or podman");
        return Ok(());
    };
    let folder = root().join("target/dist/container");
    std::fs::create_dir_all(&folder)?;
    for file in ["Dockerfile", "compose.yaml"] {
        std::fs::copy(root().join("tests/container").join(file), folder.join(file))?;
    }
    let program = wheels::program_of(&artifacts::program_wheel(Target::host()?)?)?;
    std::fs::copy(program, folder.join("ocamba"))?;
    let compose = |arguments: &str| run_quietly(&mut command_in(&folder, &format!("{runtime} compose {arguments}")));
    let result = compose("up --build --abort-on-container-exit --exit-code-from app");
    compose("down --rmi local")?;
    result.map(|_| ())
}
