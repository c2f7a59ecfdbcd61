//! OpenAPI Generator, a program in Java that comes as a Python package.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Work, others};
use crate::run::{command, command_in, program, run_quietly};
use crate::{Result, tools};

/// The annotations of Java's clients.
const ANNOTATIONS: &str = "/usr/share/java/jakarta-annotation-api.jar";
/// The package that Go's clients need.
const GO_PACKAGE: &str = "gopkg.in/validator.v2";
/// Where Debian has packages of Go.
const GO_PACKAGES: &str = "/usr/share/gocode/src";

/// A Python package.
pub fn python(work: &Work) -> Result<Command> {
    generate(work, "python", "packageName=generated")?;
    let mut client = program(others::python()?);
    client.arg(work.program("python.py")?);
    Ok(client)
}

/// TypeScript for `fetch`.
pub fn typescript_fetch(work: &Work) -> Result<Command> {
    generate(work, "typescript-fetch", "importFileExtension=.js")?;
    others::typescript(work, "typescript-fetch")
}

/// Java with the HTTP client of its own library, and Jackson.
pub fn java(work: &Work) -> Result<Command> {
    let packages = "invokerPackage=generated,apiPackage=generated.api,modelPackage=generated.model";
    generate(work, "java", &format!("library=native,openApiNullable=false,useJakartaEe=true,{packages}"))?;
    tools::debian_unless(
        || Path::new(ANNOTATIONS).exists(),
        "Jakarta's annotations",
        "libjakarta-annotation-api-java",
    )?;
    // The generator has Jackson in it.
    let libraries = std::env::join_paths([PathBuf::from(ANNOTATIONS), jar()?, work.folder.join("built")])?;
    let mut compile = command_in(&work.folder, "javac -nowarn -d built");
    compile.arg("--class-path").arg(&libraries).args(tools::walk(&work.folder.join("client/src/main/java"))?);
    run_quietly(compile.arg(work.program("Java.java")?))?;
    let mut client = program("java");
    client.arg("--class-path").arg(libraries).arg("Java");
    Ok(client)
}

/// Go, with its only dependency from Debian.
pub fn go(work: &Work) -> Result<Command> {
    generate(work, "go", "packageName=generated,withGoMod=false")?;
    let package = Path::new(GO_PACKAGES).join(GO_PACKAGE);
    tools::debian_unless(|| package.exists(), GO_PACKAGE, "golang-gopkg-validator.v2-dev")?;
    let vendor = work.folder.join("vendor");
    tools::copy_folder(&package, &vendor.join(GO_PACKAGE))?;
    let version = "v2.0.1";
    let module = format!("module generators\n\ngo 1.23\n\nrequire {GO_PACKAGE} {version}\n");
    std::fs::write(work.folder.join("go.mod"), module)?;
    std::fs::write(vendor.join("modules.txt"), format!("# {GO_PACKAGE} {version}\n## explicit\n{GO_PACKAGE}\n"))?;
    work.program("main.go")?;
    let mut build = program(others::python()?.with_file_name("go"));
    build.args(["build", "-o", "built"]).env("GOFLAGS", "-mod=vendor").env("GOTOOLCHAIN", "local");
    run_quietly(build.env("GOCACHE", work.folder.join("../go-cache")).current_dir(&work.folder))?;
    Ok(program(work.folder.join("built")))
}

/// PHP with Guzzle.
pub fn php(work: &Work) -> Result<Command> {
    generate(work, "php", "invokerPackage=Generated")?;
    tools::debian("php", "php-cli")?;
    let counts = || command("php -r exit(+!extension_loaded('mbstring'));").status().is_ok_and(|it| it.success());
    tools::debian_unless(counts, "the mbstring extension of PHP", "php-mbstring")?;
    let guzzle = Path::new("/usr/share/php/GuzzleHttp/autoload.php");
    tools::debian_unless(|| guzzle.exists(), "Guzzle", "php-guzzlehttp-guzzle")?;
    let mut client = program("php");
    client.arg(work.program("php.php")?);
    Ok(client)
}

/// Generates a client in the folder `client`.
fn generate(work: &Work, generator: &str, properties: &str) -> Result {
    tools::debian("javac", "default-jdk-headless")?;
    let mut generate = program("java");
    generate.arg("-jar").arg(jar()?).args(["generate", "--generator-name", generator, "--output", "client"]);
    generate.args(["--additional-properties", properties, "--input-spec"]).arg(&work.document);
    run_quietly(generate.current_dir(&work.folder)).map(drop)
}

/// The generator.
fn jar() -> Result<PathBuf> {
    let find = "import openapi_generator_cli as it; print(it.__path__[0])";
    let folder = run_quietly(program(others::python()?).args(["-I", "-c", find]))?;
    Ok(Path::new(folder.trim()).join("openapi-generator.jar"))
}
