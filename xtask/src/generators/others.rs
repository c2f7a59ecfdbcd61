//! Generators of TypeScript and Python.

use std::path::PathBuf;
use std::process::Command;

use super::{PROGRAMS, Work};
use crate::run::{program, run_quietly};
use crate::{Result, root, tools};

/// openapi-typescript writes types, which openapi-fetch uses.
pub fn openapi_typescript(work: &Work) -> Result<Command> {
    run_quietly(npm(work, "openapi-typescript")?.arg(&work.document).args(["--output", "client.ts"]))?;
    typescript(work, "openapi-typescript")
}

/// hey-api writes functions with its own client.
pub fn hey_api(work: &Work) -> Result<Command> {
    let mut generate = npm(work, "openapi-ts")?;
    run_quietly(generate.arg("--input").arg(&work.document).args(["--output", "client"]))?;
    typescript(work, "hey-api")
}

/// openapi-python-client writes a package with attrs and httpx.
pub fn openapi_python_client(work: &Work) -> Result<Command> {
    let python = tools::python("openapi-python-client", "xtask/python/openapi-python-client.txt")?;
    let mut generate = program(python.with_file_name("openapi-python-client"));
    generate.args(["generate", "--fail-on-warning", "--meta", "none", "--output-path", "generated", "--path"]);
    // It looks for its formatter there.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = python.parent().map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
    generate.env("PATH", std::env::join_paths(folders)?);
    run_quietly(generate.arg(&work.document).current_dir(&work.folder))?;
    let mut client = program(python);
    client.arg(work.program("openapi-python-client.py")?);
    Ok(client)
}

/// datamodel-code-generator writes models of pydantic, and no client.
pub fn datamodel_code_generator(work: &Work) -> Result<Command> {
    let python = python()?;
    let mut generate = program(python.with_file_name("datamodel-codegen"));
    generate.args(["--output-model-type", "pydantic_v2.BaseModel", "--output", "generated.py", "--input"]);
    run_quietly(generate.arg(&work.document).current_dir(&work.folder))?;
    let mut client = program(python);
    client.arg(work.program("datamodel-code-generator.py")?);
    Ok(client)
}

/// The Python with generators, and with the packages that their clients need.
pub fn python() -> Result<PathBuf> {
    tools::python("generators", "xtask/python/generators.txt")
}

/// A program of the npm packages, in the folder of a client, which gets the packages too.
fn npm(work: &Work, name: &str) -> Result<Command> {
    let mut program = tools::npm(PROGRAMS, name)?;
    program.current_dir(&work.folder);
    for link in ["package.json", "tsconfig.json", "node_modules"] {
        if !work.folder.join(link).exists() {
            tools::link(&root().join(PROGRAMS).join(link), &work.folder.join(link))?;
        }
    }
    Ok(program)
}

/// Compiles a client and its program in strict mode.
pub fn typescript(work: &Work, name: &str) -> Result<Command> {
    let requests = std::fs::read_to_string(work.folder.join("requests.json"))?;
    // Constants, whose types are exact: the compiler holds each request against the generated types.
    std::fs::write(work.folder.join("requests.ts"), format!("export default {requests} as const;\n"))?;
    work.program(&format!("{name}.ts"))?;
    run_quietly(&mut npm(work, "tsc")?)?;
    let mut client = program("node");
    client.arg(work.folder.join("built").join(name).with_extension("js"));
    Ok(client)
}
