//! The command line `scim-engine`; see `scim-engine --help`.

fn main() -> std::process::ExitCode {
    let code = scim_engine::cli::run(std::env::args_os().collect());
    std::process::ExitCode::from(u8::try_from(code).unwrap_or(2))
}
