//! `rivals publish DOCUMENT [PLOTS] < RESULTS` writes the tables into the document, each between the comments
//! `<!-- NAME -->` and `<!-- end -->`, and the plots into a folder. Without a document it prints the tables.

use crate::plot::plot;
use crate::results::{CONNECTIONS, COUNTED, Figure, Kind, MESSAGES, Results, number};
use std::fmt::Write;
use std::fs;
use std::io::read_to_string;
use std::path::Path;

const VERSIONS: &str = include_str!("../Cargo.lock");

pub fn print() {
    for (_, table) in tables(&results()) {
        println!("{table}");
    }
}

pub fn publish(document: &str, plots: &str) {
    let results = results();
    let mut text = fs::read_to_string(document).expect("the document");
    for (name, table) in tables(&results) {
        let (before, rest) = text
            .split_once(&format!("<!-- {name} -->\n"))
            .expect("a place for each table");
        let (_, after) = rest.split_once("<!-- end -->").expect("the table's end");
        text = format!("{before}<!-- {name} -->\n{table}<!-- end -->{after}");
    }
    fs::write(document, text).expect("the document can be written");
    for (name, figures) in [
        ("messages", &MESSAGES[..]),
        ("connections", &CONNECTIONS[..]),
    ] {
        let path = Path::new(plots).join(name).with_extension("svg");
        fs::write(path, plot(&results, figures)).expect("the folder can be written");
    }
}

fn results() -> Results {
    Results::parse(&read_to_string(std::io::stdin()).expect("results"))
}

fn tables(results: &Results) -> [(&'static str, String); 5] {
    [
        ("circumstances", circumstances(results)),
        ("messages", values(results, &MESSAGES)),
        ("connections", values(results, &CONNECTIONS)),
        ("ratios", ratios(results)),
        ("counts", values(results, &COUNTED)),
    ]
}

fn circumstances(results: &Results) -> String {
    let mut list = String::new();
    for line in &results.circumstances {
        writeln!(list, "* {line}").expect("a string takes it");
    }
    let versions: Vec<_> = results
        .clients
        .iter()
        .filter(|client| Kind::of(client) == Kind::Rival)
        .filter_map(|client| Some(format!("{client} {}", version(client)?)))
        .collect();
    writeln!(list, "* {}", versions.join(", ")).expect("a string takes it");
    list
}

/// What the lock file has.
fn version(package: &str) -> Option<&'static str> {
    let (_, entry) = VERSIONS.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split('"').next()
}

/// A row for each client, a column for each figure. The best of all libraries is in bold.
fn values(results: &Results, figures: &[Figure]) -> String {
    let heads = figures
        .iter()
        .map(|figure| format!("{}, {}", figure.title, figure.unit));
    let mut table = head("client", heads);
    for client in &results.clients {
        let cells = figures.iter().map(|figure| {
            let Some(value) = results.median(figure.name, client) else {
                return String::new();
            };
            let kinds = [Kind::Ours, Kind::Rival];
            let best = kinds
                .iter()
                .filter_map(|kind| results.median(figure.name, results.best(figure.name, *kind)?));
            let is_best = kinds.contains(&Kind::of(client)) && best.fold(value, f64::min) == value;
            match is_best {
                true => format!("**{}**", number(value)),
                false => number(value),
            }
        });
        let cells: Vec<_> = cells.collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            row(&mut table, client, cells);
        }
    }
    table
}

/// A row for each figure: what ours takes of what the best other library does.
fn ratios(results: &Results) -> String {
    let ours = results
        .clients
        .iter()
        .filter(|client| Kind::of(client) == Kind::Ours);
    let ours: Vec<_> = ours.collect();
    let heads = ["best of the others".to_owned(), "× TCP".to_owned()].into_iter();
    let mut table = head(
        "",
        heads.chain(ours.iter().map(|client| format!("× {client}"))),
    );
    for figure in MESSAGES.iter().chain(&CONNECTIONS) {
        let name = figure.name;
        let Some(best) = results.best(name, Kind::Rival) else {
            continue;
        };
        let ratio = |client: &str| {
            let ratio = results.ratio(name, client, best);
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
        };
        let floor = results
            .best(name, Kind::Floor)
            .map_or_else(String::new, ratio);
        let cells = [best.to_owned(), floor].into_iter();
        row(
            &mut table,
            figure.title,
            cells.chain(ours.iter().map(|client| ratio(client))),
        );
    }
    table
}

fn head(first: &str, heads: impl Iterator<Item = String>) -> String {
    let heads: Vec<_> = heads.collect();
    let mut table = String::new();
    row(&mut table, first, heads.iter().cloned());
    row(&mut table, "---", heads.iter().map(|_| "--:".to_owned()));
    table
}

fn row(table: &mut String, first: &str, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<_> = cells.into_iter().collect();
    writeln!(table, "| {first} | {} |", cells.join(" | ")).expect("a string takes it");
}
