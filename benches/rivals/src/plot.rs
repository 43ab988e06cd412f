//! Figures as bars: a panel for each, as SVG.

use crate::results::{Figure, Kind, Results, number};
use std::fmt::Write;

const WIDTH: f64 = 840.0;
const COLUMNS: usize = 2;
const BAR: f64 = 15.0;
const HEAD: f64 = 34.0;
/// The clients' names take so much of a panel, the numbers behind the bars so much.
const NAMES: f64 = 178.0;
const NUMBERS: f64 = 52.0;
const MARGIN: f64 = 12.0;

/// The fewer the better, so the shortest bar is on top.
pub fn plot(results: &Results, figures: &[Figure]) -> String {
    let panels: Vec<_> = figures
        .iter()
        .map(|figure| (figure, bars(results, figure)))
        .collect();
    let rows: Vec<f64> = panels
        .chunks(COLUMNS)
        .map(|row| row.iter().map(|(_, bars)| bars.len()).max().unwrap_or(0))
        .map(|bars| HEAD + BAR * bars as f64 + MARGIN)
        .collect();
    let height = rows.iter().sum::<f64>() + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"#24292f\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    let mut top = 0.0;
    for (row, height) in panels.chunks(COLUMNS).zip(rows) {
        for (column, (figure, bars)) in row.iter().enumerate() {
            let left = MARGIN + column as f64 * (WIDTH - MARGIN) / COLUMNS as f64;
            panel(&mut svg, left, top, figure, bars).expect("a string takes it");
        }
        top += height;
    }
    svg.push_str("</svg>\n");
    svg
}

struct Bar<'a> {
    client: &'a str,
    value: f64,
}

fn bars<'a>(results: &'a Results, figure: &Figure) -> Vec<Bar<'a>> {
    let measured = results.clients.iter().filter_map(|client| {
        let value = results.median(figure.name, client)?;
        Some(Bar { client, value })
    });
    let mut bars: Vec<_> = measured.collect();
    bars.sort_by(|one, other| one.value.total_cmp(&other.value));
    bars
}

fn panel(
    svg: &mut String,
    left: f64,
    top: f64,
    figure: &Figure,
    bars: &[Bar<'_>],
) -> std::fmt::Result {
    let Figure { title, unit, .. } = figure;
    let width = (WIDTH - MARGIN) / COLUMNS as f64 - MARGIN;
    let longest = bars.last().map_or(1.0, |bar| bar.value);
    let scale = (width - NAMES - NUMBERS) / longest;
    let y = top + HEAD - 12.0;
    writeln!(
        svg,
        "<text x=\"{left}\" y=\"{y}\" font-weight=\"600\">{title} ({unit})</text>"
    )?;
    for (index, Bar { client, value }) in bars.iter().enumerate() {
        let colour = match Kind::of(client) {
            Kind::Ours => "#0969da",
            Kind::Floor => "#d0d7de",
            Kind::Rival => "#8c959f",
        };
        let y = top + HEAD + BAR * index as f64;
        let (base, x) = (y + 10.5, left + NAMES);
        let (length, height) = ((value * scale).max(0.5), BAR - 3.0);
        let (name_end, number_start) = (x - 6.0, x + length + 5.0);
        writeln!(
            svg,
            "<text x=\"{name_end:.1}\" y=\"{base}\" text-anchor=\"end\">{client}</text>"
        )?;
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{colour}\"/>"
        )?;
        let number = number(*value);
        writeln!(
            svg,
            "<text x=\"{number_start:.1}\" y=\"{base}\">{number}</text>"
        )?;
    }
    Ok(())
}
