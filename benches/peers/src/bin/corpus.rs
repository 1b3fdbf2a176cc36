//! Writes the users that all benches run on, a line each: `corpus FILE COUNT`.

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, count] = arguments.as_slice() else { panic!("usage: corpus FILE COUNT") };
    let corpus = peers::data::corpus::Corpus::new(count.parse().unwrap());
    std::fs::write(file, &corpus.text).unwrap();
    println!("{} bytes of {count} users", corpus.text.len());
}
