"""A benchmark report as Markdown and as one HTML page with SVG plots; computes nothing."""
import html
import math

WORDS = {"less": "less is better", "more": "more is better", "neither": ""}
STYLE = """body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 1em 0; font-size: 90% } td, th { padding: .15em .8em; text-align: left }
th { border-bottom: 2px solid #999 } td { border-bottom: 1px solid #ddd } td.n, th.n { text-align: right }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: 80% } svg { max-width: 100%; height: auto }
.skipped { color: #777 } .failed { color: #a00 }"""


def number(value):
    if value == 0:
        return "0"
    if abs(value) >= 1e5:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.4g}"


def spread(figure):
    if figure["runs"] < 2:
        return "one run"
    return f"{number(figure['low'])} … {number(figure['high'])} ({figure['runs']} runs)"


def facts_rows(report):
    rows = [("made", report["made"]), ("commit", report["commit"])]
    rows += list(report["machine"].items()) + list(report["build"].items())
    return rows + [("packages", ", ".join(f"{n} {v}" for n, v in report["versions"].items()))]


def state(bench):
    words = f": {bench['words']}" if bench["words"] else ""
    return f"{bench['status']}{words}"


def how(bench):
    """The same, with when and what was run: a report may be put together of several runs."""
    return f"{state(bench)} ({bench['seconds']} s, {bench['made']}, commit {bench['commit']})"


def markdown(report):
    lines = ["# Benchmark report", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in facts_rows(report)]
    for bench in report["benches"]:
        lines += ["", f"## {bench['name']}", "", how(bench), ""]
        if bench["figures"]:
            lines += ["| figure | value | unit | better | spread |", "| --- | ---: | --- | --- | --- |"]
            lines += [f"| {f['name']} | {number(f['value'])} | {f['unit']} | {WORDS[f['better']]} | {spread(f)} |"
                      for f in bench["figures"]]
        if bench["output"].strip():
            lines += ["", "```", bench["output"].rstrip(), "```"]
    return "\n".join(lines) + "\n"


def groups(figures):
    """Figures of one group and unit, where there are several: what belongs in one plot."""
    found = {}
    for figure in figures:
        found.setdefault((figure["name"].split("/", 1)[0], figure["unit"]), []).append(figure)
    return {key: members for key, members in found.items() if len(members) > 1 and "/" in members[0]["name"]}


def bars(title, unit, figures):
    top = max(max(f["high"] for f in figures), 1e-12)
    row, left, width = 22, 240, 400
    parts = [f"<svg viewBox='0 0 {left + width + 110} {row * len(figures) + 30}' width='{left + width + 110}' role='img'>"
             f"<title>{html.escape(title)}</title><text x='0' y='14' font-size='13' font-weight='bold'>"
             f"{html.escape(title)}, {html.escape(unit)}</text>"]
    for i, figure in enumerate(figures):
        y, item = 24 + i * row, figure["name"].split("/", 1)[1]
        end, low, high = (left + width * max(0, figure[k]) / top for k in ("value", "low", "high"))
        parts.append(f"<text x='{left - 8}' y='{y + 14}' font-size='12' text-anchor='end'>{html.escape(item)}</text>"
                     f"<rect x='{left}' y='{y + 3}' width='{max(1, end - left):.1f}' height='14' fill='#4a7ab5'/>"
                     f"<path d='M{low:.1f} {y + 10}H{high:.1f}' stroke='#222' stroke-width='2'/>"
                     f"<text x='{max(end, high) + 6:.1f}' y='{y + 14}' font-size='12'>{number(figure['value'])}</text>")
    return "".join(parts) + "</svg>"


def scatter(title, pairs):
    """Measured across, predicted up, both logarithmic, with the line where they are equal."""
    points = [p for p in pairs if p["measured"] > 0 and p["predicted"] > 0]
    if len(points) < 2:
        return ""
    values = [v for p in points for v in (p["measured"], p["predicted"])]
    low, high = math.log10(min(values)) - 0.1, math.log10(max(values)) + 0.1
    size, edge = 420, 60

    def place(value):
        return (math.log10(value) - low) / (high - low) * size

    parts = [f"<svg viewBox='0 0 {size + edge + 20} {size + edge + 30}' width='{size + edge + 20}' role='img'>"
             f"<title>{html.escape(title)}</title><text x='0' y='14' font-size='13' font-weight='bold'>{html.escape(title)}, {points[0]['unit']}</text>"
             f"<g transform='translate({edge},24)'><rect width='{size}' height='{size}' fill='none' stroke='#999'/>"
             f"<path d='M0 {size}L{size} 0' stroke='#999' stroke-dasharray='4'/>"]
    for power in range(math.ceil(low), math.floor(high) + 1):
        at = place(10.0 ** power)
        parts.append(f"<text x='{at:.0f}' y='{size + 14}' font-size='11' text-anchor='middle'>{10.0 ** power:g}</text>"
                     f"<text x='-6' y='{size - at + 4:.0f}' font-size='11' text-anchor='end'>{10.0 ** power:g}</text>")
    for p in points:
        parts.append(f"<circle cx='{place(p['measured']):.1f}' cy='{size - place(p['predicted']):.1f}' r='4' fill='#b5534a' fill-opacity='.6'>"
                     f"<title>{html.escape(p['label'])}: measured {number(p['measured'])}, predicted {number(p['predicted'])}</title></circle>")
    return "".join(parts) + (f"<text x='{size / 2}' y='{size + 32}' font-size='12' text-anchor='middle'>measured</text>"
                             f"<text transform='translate(-44,{size / 2}) rotate(-90)' font-size='12' text-anchor='middle'>predicted</text></g></svg>")


def figure_table(figures):
    rows = "".join(f"<tr><td>{html.escape(f['name'])}</td><td class=n>{number(f['value'])}</td><td>{html.escape(f['unit'])}</td>"
                   f"<td>{WORDS[f['better']]}</td><td>{spread(f)}</td></tr>" for f in figures)
    return f"<table><tr><th>figure<th class=n>value<th>unit<th>better<th>spread</tr>{rows}</table>" if rows else ""


def plots(bench):
    parts = [bars(group, unit, members) for (group, unit), members in groups(bench["figures"]).items()]
    by_group = {}
    for pair in bench["pairs"]:
        by_group.setdefault(pair["group"], []).append(pair)
    parts += [scatter(group, pairs) for group, pairs in by_group.items()]
    return "".join(f"<p>{part}</p>" for part in parts if part)


def page(report):
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Benchmark report</title>"
             f"<style>{STYLE}</style><h1>Benchmark report</h1><table>"]
    parts += [f"<tr><td>{html.escape(str(n))}</td><td>{html.escape(str(v))}</td></tr>" for n, v in facts_rows(report)]
    parts.append("</table><ul>" + "".join(f"<li><a href='#{b['name']}'>{b['name']}</a> {html.escape(b['status'])}" for b in report["benches"]) + "</ul>")
    for bench in report["benches"]:
        output = bench["output"].strip()
        parts.append(f"<h2 id='{bench['name']}'>{html.escape(bench['name'])}</h2><p class='{bench['status'].replace(' ', '-')}'>"
                     f"{html.escape(how(bench))}</p>{plots(bench)}{figure_table(bench['figures'])}"
                     + (f"<details><summary>what it printed</summary><pre>{html.escape(output)}</pre></details>" if output else ""))
    return "\n".join(parts) + "</html>\n"
