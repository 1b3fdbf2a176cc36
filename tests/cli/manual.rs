use crate::runner::scim;

#[test]
fn completions() {
    let complete = |shell: &str, words: &[&str]| {
        let run = scim(&["completions", shell]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        for word in words {
            assert!(run.out.contains(word), "{shell}: no {word}");
        }
    };
    complete("bash", &["complete -F _scim__engine", "--invert-match", "--in-place", "scim__engine__subcmd__filter"]);
    complete("zsh", &["#compdef scim-engine", "--invert-match", "Apply a PATCH request to a resource"]);
    complete("fish", &["complete -c scim-engine", "-l invert-match", "-l color"]);
    let run = scim(&["completions", "abacus"]);
    assert!(run.code == 2 && run.err.contains("possible values: bash"), "{}", run.err);
}

/// The script finds the command that is typed, such as `cmd="scim__engine__subcmd__man"`, and then its options under that name.
#[test]
fn completions_of_bash_name_each_command_in_one_way() {
    let script = scim(&["completions", "bash"]).out;
    let lines = || script.lines().map(str::trim);
    let found: Vec<_> = lines().filter_map(|line| line.strip_prefix("cmd=\"")?.strip_suffix('"')).collect();
    assert!(found.contains(&"scim__engine__subcmd__onelogin__subcmd__push"), "{found:?}");
    for command in found.iter().filter(|command| !command.is_empty()) {
        assert!(lines().any(|line| line.strip_suffix(')') == Some(command)), "no options of {command}");
    }
}

#[test]
fn manual_pages() {
    let run = scim(&["man"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let title = format!(".TH scim-engine 1  \"scim-engine {}\" SCIM", env!("CARGO_PKG_VERSION"));
    assert!(run.out.contains(&title), "{}", run.out);
    for command in ["filter", "patch", "explain", "check", "onelogin", "completions", "man"] {
        assert!(run.out.contains(&format!("scim\\-engine\\-{command}(1)")), "no {command}: {}", run.out);
    }
    assert!(run.out.contains("Exit codes"));
    let run = scim(&["man", "filter"]);
    assert!(run.out.contains(".TH scim-engine-filter 1") && run.out.contains("\\-\\-invert\\-match"), "{}", run.out);
    let run = scim(&["man", "onelogin", "lint"]);
    assert!(
        run.out.contains(".TH scim-engine-onelogin-lint 1") && run.out.contains("\\-\\-bare\\-booleans"),
        "{}",
        run.out
    );
    scim(&["man", "flter"]).gives(2, "", "error: `scim-engine` has no command `flter`\n");
}

#[test]
fn help_has_examples() {
    for command in ["filter", "patch", "explain", "check", "completions", "man"] {
        let run = scim(&[command, "--help"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(run.out.contains(&format!("Usage: scim-engine {command}")), "{}", run.out);
        assert!(run.out.contains(&format!("\n  scim-engine {command} ")), "no example: {}", run.out);
    }
    for command in ["lint", "push", "render"] {
        let run = scim(&["onelogin", command, "--help"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(run.out.contains(&format!("\n  scim-engine onelogin {command} ")), "no example: {}", run.out);
    }
    let run = scim(&["--version"]);
    run.gives(0, &format!("scim-engine {}\n", env!("CARGO_PKG_VERSION")), "");
    let run = scim(&["fliter", "a pr"]);
    assert!(run.code == 2 && run.err.contains("'filter'"), "{}", run.err);
}
