//! Writes the data of all benches to a folder: `corpus FOLDER COUNT`. Python, Node and the command line read
//! `users.ndjson` (COUNT users, one on each line), `filters.json` (pairs of name and text) and `requests.json`.

use std::fs;
use std::path::Path;

use peers::data::FILTERS;
use peers::data::corpus::Corpus;
use peers::patches::Requests;
use serde_json::json;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, count] = arguments.as_slice() else { panic!("usage: corpus FOLDER COUNT") };
    let folder = Path::new(folder);
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("users.ndjson"), Corpus::new(count.parse().unwrap()).text).unwrap();
    fs::write(folder.join("filters.json"), json!(FILTERS).to_string()).unwrap();
    fs::write(folder.join("requests.json"), Requests::new().0.to_string()).unwrap();
}
