//! `ocamba completions`.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Args, Command, ValueHint};
use clap_complete::Shell;
use ocamba_sandbox::{Unknown, unknowns};

use crate::shared::failure::Failure;
use crate::shared::profiles::Profiles;
use crate::shared::{help, output, provider_names};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("bash, in ~/.bashrc", "source <(ocamba completions bash)"),
    ("zsh, in ~/.zshrc after compinit", "source <(ocamba completions zsh)"),
    ("fish", "ocamba completions fish > ~/.config/fish/completions/ocamba.fish"),
    ("PowerShell, in $PROFILE", "ocamba completions powershell | Out-String | Invoke-Expression"),
    ("elvish, in rc.elv", "eval (ocamba completions elvish | slurp)"),
]))]
pub struct Options {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", value_enum, hide_possible_values = true)]
    shell: Shell,
}

/// Writes the completion script of the whole program, with the names of the profiles that exist now.
pub fn run(options: &Options, program: Command) -> Result<(), Failure> {
    let profiles: Vec<_> = Profiles::read().map(|profiles| profiles.all.into_keys().collect()).unwrap_or_default();
    let mut program = complete(program, &profiles);
    // Not to stdout directly: clap_complete would panic where that is closed.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut program, "ocamba", &mut script);
    output::write(&String::from_utf8_lossy(&script))
}

/// Says what each argument completes to: known values, files, or nothing.
fn complete(command: Command, profiles: &[String]) -> Command {
    let is_switch = command.get_name() == "switch";
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        id @ ("profile" | "name") if (is_switch || id == "profile") && !profiles.is_empty() => {
            arg.value_parser(PossibleValuesParser::new(profiles.to_vec()))
        }
        "assume" => arg.value_parser(PossibleValuesParser::new(assumptions())),
        "provider" => arg.value_parser(provider_names::parser()),
        _ => with_hint(arg),
    });
    command.mut_subcommands(|command| complete(command, profiles))
}

/// Returns all other answers that a sandbox can play.
fn assumptions() -> Vec<String> {
    let of = |unknown: Unknown| {
        let others = unknown.answers.into_iter().filter(move |(answer, _)| *answer != unknown.assumed);
        others.map(move |(answer, _)| format!("{}={answer}", unknown.id))
    };
    unknowns().into_iter().flat_map(of).collect()
}

/// Shells offer files where nothing else is said.
fn with_hint(arg: Arg) -> Arg {
    let names = arg.get_value_names().unwrap_or_default().iter();
    let is_path = names.into_iter().any(|name| ["FILE", "PATH", "PLAN", "FOLDER"].contains(&name.as_str()));
    let hint = match arg.get_value_hint() {
        ValueHint::Unknown if is_path => ValueHint::AnyPath,
        ValueHint::Unknown => ValueHint::Other,
        hint => hint,
    };
    if arg.get_action().takes_values() { arg.value_hint(hint) } else { arg }
}
