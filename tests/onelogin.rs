use scim_engine::onelogin::*;
use scim_engine::*;
#[test]
fn show() {
    for f in ["seed", "enterprise_1_1", "clean"] {
        let t = std::fs::read_to_string(format!("tests/onelogin/{f}.json")).unwrap();
        let l = lint(&t, &ResourceType::user(), &LintOptions::default());
        println!("== {f} {}", l.is_clean());
        for p in l.problems() {
            println!("{p} {}", p.is_cured());
        }
        println!("{}", l.corrected().unwrap());
    }
}
