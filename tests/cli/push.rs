//! `scim-engine onelogin push` against a loopback endpoint, right and wrong.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::runner::{Run, command, folder, scim};
use crate::server::{Fault, Server};

const TOKEN: &str = "tk-9f31-secret";

/// The treatment of its connections by an endpoint.
#[derive(Clone, Copy, Default)]
struct Line {
    /// Every n-th request is done, and its connection closed without an answer.
    drops_every: usize,
    /// The token stands in the answers.
    echoes_token: bool,
}

struct Endpoint {
    url: String,
    server: Arc<Mutex<Server>>,
}

impl Endpoint {
    fn start(server: Server, line: Line) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let server = Arc::new(Mutex::new(server));
        let shared = Arc::clone(&server);
        let count = Arc::new(Mutex::new(0));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (shared, count) = (Arc::clone(&shared), Arc::clone(&count));
                std::thread::spawn(move || serve(stream.unwrap(), &shared, &count, line));
            }
        });
        Self { url, server }
    }

    fn good() -> Self {
        Self::start(Server::default(), Line::default())
    }

    fn with(fault: Fault) -> Self {
        Self::start(Server::with(fault), Line::default())
    }

    fn push(&self, more: &[&str]) -> Run {
        let mut args = vec!["onelogin", "push", "--url", &self.url, "--token", TOKEN, "--retries", "2"];
        args.extend(["--template", "push/template.json", "--users", "push/people.csv"]);
        args.extend(more);
        let run = scim(&args);
        assert!(!run.out.contains(TOKEN) && !run.err.contains(TOKEN), "{} {}", run.out, run.err);
        run
    }

    fn report(&self, more: &[&str]) -> Value {
        self.push(&[&["--json"], more].concat()).json()
    }
}

/// Keeps connections alive, as servers do.
fn serve(stream: TcpStream, server: &Mutex<Server>, count: &Mutex<usize>, line: Line) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut head = Vec::new();
        loop {
            let mut text = String::new();
            if reader.read_line(&mut text).unwrap_or(0) == 0 {
                return;
            }
            if text.trim().is_empty() {
                break;
            }
            head.push(text.trim().to_owned());
        }
        let header = |name: &str| {
            let found =
                head.iter().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)));
            found.map(|(_, value)| value.to_owned())
        };
        let length: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut first = head[0].split(' ');
        let (method, path) = (first.next().unwrap(), first.next().unwrap());
        let path = path.strip_prefix("/scim/v2").expect("below the URL");
        let accept = header("accept").unwrap();
        let is_allowed = header("authorization").as_deref() == Some(&format!("Bearer {TOKEN}"));
        let mut reply = if is_allowed {
            server.lock().unwrap().handle(method, path, &accept, &body)
        } else {
            server.lock().unwrap().refuse(&accept)
        };
        if line.echoes_token && reply.status != 204 {
            let mut value: Value = serde_json::from_slice(&reply.body).unwrap();
            value["detail"] = format!("you are {TOKEN}").into();
            value["userName"] = TOKEN.into();
            reply.body = value.to_string().into_bytes();
        }
        let nth = {
            let mut count = count.lock().unwrap();
            *count += 1;
            *count
        };
        if line.drops_every > 0 && nth % line.drops_every == 0 {
            return;
        }
        let mut answer = format!("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
        for (name, value) in &reply.headers {
            answer.extend([name, ": ", value, "\r\n"]);
        }
        if reply.status == 204 {
            answer = answer.replace("Content-Length: 0\r\n", "");
        }
        answer.push_str("\r\n");
        let bytes = [answer.as_bytes(), &reply.body].concat();
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

#[test]
fn a_push_and_the_same_once_more() {
    let endpoint = Endpoint::good();
    let report = folder("push-report").join("report.json");
    let path = report.to_str().unwrap();
    let groups = ["--groups", "push/groups.csv", "--leaving", "push/gone.csv"];
    let run = endpoint.push(&[&groups[..], &["--report", path]].concat());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let out = &run.out;
    assert!(out.starts_with(&format!("OneLogin -> {}\n\n", endpoint.url)), "{out}");
    assert!(
        out.contains("created     absent     failed\npeople                    3          1          0\n"),
        "{out}"
    );
    assert!(out.contains("groups                    2          0          0\n"), "{out}");
    assert!(out.contains("\ncreate user               3          0"), "{out}");
    assert!(out.ends_with("\nevery answer was as OneLogin needs it\n"), "{out}");
    let written: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    assert_eq!(written["ok"], true);
    assert_eq!(written["client"], "onelogin");
    assert_eq!(written["summary"]["people"]["created"], 3);
    assert_eq!(written["findings"], json!([]));
    let before = endpoint.server.lock().unwrap().resources.clone();
    let again = endpoint.report(&groups);
    assert_eq!(again["summary"]["people"]["unchanged"], 3);
    assert_eq!(again["summary"]["groups"]["unchanged"], 2);
    assert_eq!(endpoint.server.lock().unwrap().resources, before);
}

#[test]
fn every_client_and_option() {
    for options in [
        &["--client", "entra"][..],
        &["--client", "entra", "--entra-flag"],
        &["--client", "okta", "--concurrency", "1"],
        &["--client", "jumpcloud", "--no-probes"],
        &["--update", "patch", "--membership", "1.1", "--concurrency", "16", "--unset", "null"],
        &["--removal", "delete", "--timeout", "5"],
    ] {
        let endpoint = Endpoint::good();
        let options = [options, &["--groups", "push/groups.csv"]].concat();
        let first = endpoint.report(&options);
        assert_eq!((&first["ok"], &first["findings"]), (&json!(true), &json!([])), "{options:?}");
        let before = endpoint.server.lock().unwrap().resources.clone();
        let again = endpoint.report(&options);
        assert_eq!((&again["ok"], &again["summary"]["people"]["unchanged"]), (&json!(true), &json!(3)), "{options:?}");
        assert_eq!(endpoint.server.lock().unwrap().resources, before, "{options:?}");
    }
}

#[test]
fn suites_of_vendors() {
    let endpoint = Endpoint::good();
    assert_eq!(endpoint.push(&[]).code, 0);
    let before = endpoint.server.lock().unwrap().resources.clone();
    for (client, title) in [("microsoft-validator", "Microsoft's validator"), ("okta-spec", "Okta's SPEC test")] {
        let args = ["onelogin", "push", "--url", &endpoint.url, "--token", TOKEN, "--client", client];
        let run = scim(&args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        assert!(run.out.starts_with(&format!("{title} -> ")) && !run.out.contains("people"), "{}", run.out);
        assert!(run.out.ends_with(&format!("\nevery answer was as {title} needs it\n")), "{}", run.out);
        assert_eq!(endpoint.server.lock().unwrap().resources, before, "{client}");
        let run = scim(&[&args[..], &["--dry-run"]].concat());
        assert!(run.code == 0 && run.out.contains("POST /Users\n"), "{}", run.out);
        let run = endpoint.push(&["--client", client]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("brings people and groups of its own") && run.err.contains("leave out `--template`"));
    }
    let run = scim(&["onelogin", "push", "--url", &endpoint.url, "--token", TOKEN]);
    assert!(run.code == 2 && run.err.contains("`--template` is missing"), "{}", run.err);
    let run = scim(&["onelogin", "push", "--url", &endpoint.url, "--token", TOKEN, "--template", "push/template.json"]);
    assert!(run.code == 2 && run.err.contains("`--users` is missing"), "{}", run.err);
}

#[test]
fn wrong_endpoints() {
    for (fault, code, exit) in [
        (Fault::AllUsers, "filter_ignored", 1),
        (Fault::ContentType, "content_type", 1),
        (Fault::NoId, "id_missing", 1),
        (Fault::CreatedOk, "created_status", 1),
        (Fault::Duplicates, "duplicate_accepted", 1),
        (Fault::Redirects, "redirect", 2),
        (Fault::Unauthorized, "unauthorized", 2),
        (Fault::NotJson, "not_json", 1),
    ] {
        let endpoint = Endpoint::with(fault);
        let run = endpoint.push(&["--groups", "push/groups.csv"]);
        assert_eq!(run.code, exit, "{fault:?}: {}", run.out);
        assert!(run.out.contains(&format!("\nerror: {code} in ")), "{fault:?}: {}", run.out);
        assert!(run.out.contains("\n  cure     "), "{}", run.out);
        assert!(run.out.ends_with("would fail in OneLogin\n"), "{}", run.out);
    }
    let endpoint = Endpoint::with(Fault::EchoPassword);
    let run = endpoint.push(&["--client", "okta"]);
    assert!(run.code == 1 && run.out.contains("error: password_returned in create user"), "{}", run.out);
    assert!(!run.out.contains("Pw1-"), "{}", run.out);
}

#[test]
fn broken_connections_and_busy_endpoints() {
    let line = Line { drops_every: 5, ..Line::default() };
    let endpoint = Endpoint::start(Server::default(), line);
    let report = endpoint.report(&["--groups", "push/groups.csv", "--concurrency", "3"]);
    assert_eq!(report["ok"], true, "{report}");
    assert!(report["summary"]["retries"].as_u64() > Some(1), "{report}");
    let endpoint = Endpoint::start(Server { busy: 2, retry_after: Some("0"), ..Server::default() }, Line::default());
    let report = endpoint.report(&[]);
    assert_eq!((&report["ok"], &report["summary"]["retries"]), (&json!(true), &json!(2)));
    let endpoint = Endpoint::start(Server::default(), Line { drops_every: 1, ..line });
    let run = endpoint.push(&[]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("not finished: the endpoint does not answer"), "{}", run.out);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}/");
    let people = ["--template", "push/template.json", "--users", "push/people.csv"];
    let run = scim(&[&["onelogin", "push", "--token", "t", "--retries", "0", "--url", &url], &people[..]].concat());
    assert!(run.code == 2 && run.out.contains("error: unreachable in connection test"), "{}", run.out);
}

/// As with the Python module.
#[test]
fn a_connection_test_that_hangs_is_tried_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let streams: Vec<_> = listener.incoming().collect();
        drop(streams);
    });
    let people = ["--template", "push/template.json", "--users", "push/people.csv"];
    let run = scim(&[&["onelogin", "push", "--token", TOKEN, "--timeout", "1", "--url", &url], &people[..]].concat());
    assert!(run.code == 2 && run.out.contains("no answer in 1 try: not within 1 s"), "{}", run.out);
}

/// An answer has many ways to say it: the token is in neither report nor journal, however it is decoded.
#[test]
fn an_encoded_token_is_nowhere() {
    let token = "tk/9f31+secret";
    let text = format!(r#"{{"a":"Bearer {}"}}"#, token.replace('/', "\\/"));
    for echoed in [
        text.as_str(),
        "tk%2f9f31%2bsecret",
        "tk&sol;9f31&plus;secret",
        "QmVhcmVyIHRrLzlmMzErc2VjcmV0",
        "tk/9f31+secret",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let body = json!({"detail": echoed, "status": "400"}).to_string();
        let head = format!(
            "HTTP/1.1 302 Said\r\nContent-Type: application/json\r\nLocation: /a?{echoed}\r\nContent-Length: {}\r\n",
            body.len()
        );
        let answer = format!("{head}Connection: close\r\n\r\n{body}");
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        let report = folder("push-encoded").join("report.json");
        let people = ["--template", "push/template.json", "--users", "push/people.csv"];
        let more = ["--token", token, "--url", &url, "--report", report.to_str().unwrap()];
        let run = scim(&[&["onelogin", "push"], &more[..], &people[..]].concat());
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        for told in [run.out, report.to_string()] {
            assert!(told.contains("[token]"), "{echoed}: {told}");
            assert!(!told.contains("9f31") && !told.contains("QmVhcmVy"), "{echoed}: {told}");
        }
    }
}

/// There are names and addresses in both.
#[cfg(unix)]
#[test]
fn reports_and_journals_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let endpoint = Endpoint::good();
    let folder = folder("push-private");
    let (report, journal) = (folder.join("report.json"), folder.join("journal"));
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let options = ["--report", report.to_str().unwrap(), "--resume", journal.to_str().unwrap()];
    assert_eq!(endpoint.push(&options).code, 0);
    assert_eq!((mode(&report), mode(&journal)), (0o600, 0o600));
    // Other permissions, once set, are kept.
    std::fs::set_permissions(&report, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&report, "x".repeat(100_000)).unwrap();
    assert_eq!(endpoint.push(&options).code, 0);
    assert_eq!(mode(&report), 0o644);
    assert!(std::fs::metadata(&report).unwrap().len() < 100_000);
}

#[test]
fn the_token_is_nowhere() {
    let endpoint = Endpoint::start(Server::default(), Line { echoes_token: true, ..Line::default() });
    let folder = folder("push-token");
    let (report, journal) = (folder.join("report.json"), folder.join("journal"));
    let run = endpoint.push(&["--report", report.to_str().unwrap(), "--resume", journal.to_str().unwrap()]);
    assert!(run.out.contains("[token]"), "{}", run.out);
    for path in [report, journal] {
        assert!(!std::fs::read_to_string(path).unwrap().contains(TOKEN));
    }
}

#[test]
fn tokens_from_files_and_the_environment() {
    let endpoint = Endpoint::good();
    let people = ["--template", "push/template.json", "--users", "push/people.csv", "--json"];
    let args = [&["onelogin", "push", "--url", &endpoint.url], &people[..]].concat();
    let run = command().args(&args).env_remove("SCIM_TOKEN").output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8(run.stderr).unwrap().contains("set `SCIM_TOKEN`, or give `--token-file` or `--token`"));
    let run = command().args(&args).env("SCIM_TOKEN", TOKEN).output().unwrap();
    assert_eq!(run.status.code(), Some(0));
    let file = folder("push-tokens").join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let run = scim(&[&args[..], &["--token-file", file.to_str().unwrap()]].concat());
    assert_eq!(run.code, 0);
    std::fs::write(&file, "to ken").unwrap();
    let run = scim(&[&args[..], &["--token-file", file.to_str().unwrap()]].concat());
    assert!(run.code == 2 && !run.err.contains("to ken"), "{}", run.err);
}

#[test]
fn urls_that_nothing_is_sent_to() {
    let people = ["--template", "push/template.json", "--users", "push/people.csv", "--token", TOKEN];
    for (url, why) in [
        ("http://app.example/scim/v2", "the token would go to `app.example` in clear text"),
        ("http://127.0.0.1.app.example/", "in clear text"),
        ("ftp://app.example/", "the scheme is neither https nor http"),
        ("app.example", "the scheme is neither https nor http"),
        ("/scim/v2", "there is no host in it"),
        ("https://app.example/scim?tenant=1", "a query or fragment cannot stand"),
        ("https://me:pass@app.example/scim", "a name or password cannot stand in it"),
        ("https://", "this is not a URL"),
    ] {
        let run = scim(&[&["onelogin", "push", "--url", url], &people[..]].concat());
        assert_eq!(run.code, 2, "{url}: {}", run.out);
        assert!(run.err.contains(why) && !run.err.contains("pass@") && run.out.is_empty(), "{url}: {}", run.err);
    }
}

#[test]
fn a_journal_goes_on_where_it_was() {
    let folder = folder("push-journal");
    let journal = folder.join("push.journal");
    let path = journal.to_str().unwrap();
    let endpoint = Endpoint::good();
    let groups = ["--groups", "push/groups.csv"];
    let resume = [&groups[..], &["--resume", path]].concat();
    let first = endpoint.report(&resume);
    assert_eq!(first["summary"]["resumed"], 0);
    let text = std::fs::read_to_string(&journal).unwrap();
    assert_eq!(text.lines().count(), 6);
    // As a kill leaves it: some lines, and half of one.
    let cut = text.lines().take(3).collect::<Vec<_>>().join("\n") + "\n";
    std::fs::write(&journal, cut + r#"{"kind":"user","na"#).unwrap();
    let second = endpoint.report(&resume);
    assert_eq!((&second["ok"], &second["summary"]["resumed"]), (&json!(true), &json!(2)));
    assert_eq!(std::fs::read_to_string(&journal).unwrap().lines().count(), 6);
    let other = Endpoint::good().push(&resume);
    assert!(other.code == 2 && other.err.contains("to another URL, or of another client"), "{}", other.err);
    std::fs::write(&journal, "dear diary\n").unwrap();
    let wrong = endpoint.push(&resume);
    assert!(wrong.code == 2 && wrong.err.contains("not a journal of a push"), "{}", wrong.err);
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), "dear diary\n");
}

#[test]
fn killed_and_repeated() {
    let names: Vec<_> = (0..60).map(|index| format!("P{index},Crew,p{index}@lumen.example\n")).collect();
    let folder = folder("push-killed");
    let people = folder.join("people.csv");
    std::fs::write(&people, format!("firstname,lastname,email\n{}", names.concat())).unwrap();
    let endpoint = Endpoint::good();
    let args = ["onelogin", "push", "--url", &endpoint.url, "--token", TOKEN, "--template", "push/template.json"];
    for wait in [5, 20, 40] {
        let mut child = command()
            .args(args)
            .args(["--users", people.to_str().unwrap(), "--concurrency", "2"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let run = scim(&[&args[..], &["--users", people.to_str().unwrap(), "--json"]].concat());
    assert_eq!(run.json()["ok"], true, "{}", run.out);
    assert_eq!(endpoint.server.lock().unwrap().of("Users").count(), 60);
}

#[test]
fn dry_runs_send_nothing() {
    let people = ["--template", "push/template.json", "--users", "push/people.csv", "--groups", "push/groups.csv"];
    let url = "https://app.example/scim/v2";
    let args = [&["onelogin", "push", "--url", url, "--dry-run"], &people[..]].concat();
    let run = scim(&args);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let posts: Vec<_> = run.out.lines().filter(|line| line.starts_with("POST")).collect();
    assert_eq!(posts, ["POST /Users", "POST /Users", "POST /Users", "POST /Users", "POST /Groups", "POST /Groups"]);
    assert!(
        run.out.contains(r#"    {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mara.quill@"#),
        "{}",
        run.out
    );
    let run = scim(&[&args[..], &["--json", "--client", "entra"]].concat());
    let first: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["step"], "connection test");
    assert_eq!(first["headers"]["Accept"], "application/scim+json");
}

#[test]
fn input_at_fault() {
    let endpoint = Endpoint::good();
    let folder = folder("push-input");
    let groups = folder.join("groups");
    for (text, why) in [
        ("name,userName\n", "line 1: no column `displayName`"),
        ("displayName,userName\n,mara\n", "line 2: no `displayName`"),
        ("displayName,userName\nA\n", "line 2: expected CSV in UTF-8"),
        ("[{\"displayName\": 5}]", "group 1: `displayName` must be a text"),
        ("[{\"displayName\": \"A\", \"members\": [1]}]", "group 1: `1` in `members` is not a `userName`"),
        ("[{\"displayName\": \"A\", \"member\": []}]", "group 1: `member` is not known"),
        ("{}", "expected a list of groups, such as `[{\"displayName\": \"Crew\""),
        ("[", "invalid JSON"),
    ] {
        std::fs::write(&groups, text).unwrap();
        let run = endpoint.push(&["--groups", groups.to_str().unwrap()]);
        assert!(run.code == 2 && run.err.contains(why), "{text}: {}", run.err);
    }
    let run = endpoint.push(&["--client", "okta", "--removal", "delete"]);
    run.gives(2, "", "error: Okta never deletes people: choose `suspend` or `nothing`\n");
    let people = folder.join("people.csv");
    std::fs::write(&people, "firstname\nMara\n").unwrap();
    let args =
        ["onelogin", "push", "--url", &endpoint.url, "--token", "t", "--template", "push/template.json", "--users"];
    let run = scim(&[&args[..], &[people.to_str().unwrap()]].concat());
    assert!(run.code == 2 && run.err.contains("person 1: the body has no `userName`"), "{}", run.err);
    assert_eq!(endpoint.server.lock().unwrap().log.len(), 0);
}
