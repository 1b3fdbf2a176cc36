//! A platform service with a SCIM 2.0 endpoint for several tenants, on axum, `scim-engine` and SQLite. README.md says how to
//! run it. `app.rs` has HTTP, and `tables.rs` says where the attributes of users and groups are.

mod app;
mod database;
mod storage;
mod tables;
mod tenants;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::database::{Database, connect};

/// The time that the requests in progress get to finish after SIGTERM or SIGINT.
const GRACE: Duration = Duration::from_secs(10);

/// A SCIM 2.0 service on SQLite.
#[derive(Parser)]
#[command(version)]
struct Command {
    /// The SQLite file
    #[arg(long, value_name = "FILE", default_value = "scim.db", global = true)]
    db: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Answer requests until SIGTERM or SIGINT
    Serve(Serve),
    /// Administer tenants
    #[command(subcommand)]
    Tenant(TenantAction),
    /// Administer bearer tokens
    #[command(subcommand)]
    Token(TokenAction),
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
}

#[derive(Subcommand)]
enum TenantAction {
    /// Add a tenant
    Add {
        /// The id, which is a part of the URL of the tenant
        id: String,
        /// The display name; by default the id
        #[arg(long)]
        name: Option<String>,
        /// Whether a PUT keeps or clears the attributes that it does not mention
        #[arg(long, default_value = "keep", value_parser = ["keep", "clear"])]
        absent: String,
    },
}

#[derive(Subcommand)]
enum TokenAction {
    /// Make a token and print it; it cannot be printed again
    Add {
        tenant: String,
        /// The purpose of the token
        #[arg(long, default_value = "")]
        label: String,
    },
    /// List the tokens of a tenant: id, time of creation, `valid` or time of revocation, label
    List { tenant: String },
    /// Revoke a token
    Revoke { token_id: String },
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

fn run(command: Command) -> Result<()> {
    let database = Database::open(&command.db)?;
    // Outside a transaction: each statement is one.
    let connection = connect(&command.db)?;
    match command.action {
        Action::Serve(options) => serve(database, options)?,
        Action::Tenant(TenantAction::Add { id, name, absent }) => {
            tenants::add(&connection, &id, name.as_deref().unwrap_or(&id), &absent)?;
        }
        Action::Token(TokenAction::Add { tenant, label }) => {
            println!("{}", tenants::add_token(&connection, &tenant, &label)?);
        }
        Action::Token(TokenAction::List { tenant }) => {
            tenants::list_tokens(&connection, &tenant)?.iter().for_each(|line| println!("{line}"));
        }
        Action::Token(TokenAction::Revoke { token_id }) => tenants::revoke_token(&connection, &token_id)?,
    }
    Ok(())
}

fn serve(database: Database, options: Serve) -> Result<()> {
    let app = App::new(database, options.base_url, options.max_body, &options.attributes)?;
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
