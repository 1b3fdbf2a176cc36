//! A platform service with a SCIM 2.0 endpoint for several tenants, on axum, `scim-engine` and SQLite. README.md says how to
//! run it. `app.rs` has HTTP, and `tables.rs` says where the attributes of users and groups are.

mod app;
mod database;
mod failure;
mod storage;
mod tables;
mod tenants;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::database::Database;
use crate::failure::Failure;

/// The time that the requests in progress get to finish after SIGTERM or SIGINT.
const GRACE: Duration = Duration::from_secs(10);

/// A SCIM 2.0 service on SQLite.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Answer requests until SIGTERM or SIGINT
    Serve(Serve),
    /// Administer tenants
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Administer bearer tokens
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Args)]
struct Serve {
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port; 0 chooses a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The URL at which clients reach the service; by default the `Host` header of each request
    #[arg(long)]
    base_url: Option<String>,
    /// The largest request body, in bytes
    #[arg(long, default_value_t = 1_048_576)]
    max_body: usize,
    /// The attributes of users that the product stores, such as `userName,name.givenName,active`; by default all
    #[arg(long, value_delimiter = ',')]
    attributes: Vec<String>,
    #[command(flatten)]
    db: Db,
}

#[derive(Args)]
struct Db {
    /// The SQLite file
    #[arg(long = "db", value_name = "FILE", default_value = "scim.db")]
    path: PathBuf,
}

#[derive(Subcommand)]
enum TenantCommand {
    /// Add a tenant
    Add {
        /// The id, which is a part of the URL of the tenant
        id: String,
        /// The display name; by default the id
        #[arg(long)]
        name: Option<String>,
        /// Whether a PUT keeps or clears the attributes that it does not mention
        #[arg(long, default_value = "keep")]
        absent: AbsentPolicy,
        #[command(flatten)]
        db: Db,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum AbsentPolicy {
    Keep,
    Clear,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it cannot be printed again
    Add {
        tenant: String,
        /// The purpose of the token
        #[arg(long, default_value = "")]
        label: String,
        #[command(flatten)]
        db: Db,
    },
    /// List the tokens of a tenant: id, time of creation, `valid` or time of revocation, label
    List {
        tenant: String,
        #[command(flatten)]
        db: Db,
    },
    /// Revoke a token
    Revoke {
        token_id: String,
        #[command(flatten)]
        db: Db,
    },
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(options) => serve(&options),
        Command::Tenant(TenantCommand::Add { id, name, absent, db }) => {
            let absent = match absent {
                AbsentPolicy::Keep => "keep",
                AbsentPolicy::Clear => "clear",
            };
            tenants::add(&connection(&db)?, &id, name.as_deref().unwrap_or(&id), absent)
        }
        Command::Token(TokenCommand::Add { tenant, label, db }) => {
            println!("{}", tenants::add_token(&connection(&db)?, &tenant, &label)?);
            Ok(())
        }
        Command::Token(TokenCommand::List { tenant, db }) => {
            for line in tenants::list_tokens(&connection(&db)?, &tenant)? {
                println!("{line}");
            }
            Ok(())
        }
        Command::Token(TokenCommand::Revoke { token_id, db }) => tenants::revoke_token(&connection(&db)?, &token_id),
    }
}

/// A connection outside a transaction: each statement is one.
fn connection(db: &Db) -> Result<rusqlite::Connection, Failure> {
    Database::open(&db.path)?;
    Ok(database::connect(&db.path)?)
}

fn serve(options: &Serve) -> Result<(), Failure> {
    let database = Database::open(&options.db.path)?;
    let app = App::new(database, options.base_url.clone(), options.max_body, &options.attributes)?;
    // A request blocks a thread while it reads or writes. At most this many requests do so at once; others wait.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(64).build()?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind((options.host.as_str(), options.port)).await?;
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        println!("listening on http://{}", listener.local_addr()?);
        let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
        let server = axum::serve(listener, app::router(app)).with_graceful_shutdown(async {
            let _ = stopping.await;
        });
        let server = tokio::spawn(async { server.await });
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = stop.send(());
        // A client that never ends its request must not prevent the service from stopping.
        match tokio::time::timeout(GRACE, server).await {
            Ok(Ok(result)) => result,
            Ok(Err(panicked)) => Err(std::io::Error::other(panicked)),
            Err(_) => Ok(()),
        }
    });
    runtime.shutdown_timeout(GRACE);
    Ok(served?)
}
