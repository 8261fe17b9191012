"""Running the benchmarks Meson knows, and what they print that can be compared: figures and pairs.

A figure is a line "figure<TAB>group/item<TAB>value<TAB>unit<TAB>less|more|neither"; a pair, of a
measured and a predicted value, "pair<TAB>group<TAB>label<TAB>measured<TAB>predicted<TAB>unit".
"""
import datetime
import json
import os
import platform
import signal
import statistics
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SKIPPED = 77
FORMAT = 1


def figure(value, unit, better, name):
    """What a benchmark in Python says; bench/figure.h is the same in C."""
    print(f"figure\t{name}\t{value:.9g}\t{unit}\t{better}", flush=True)


def output_of(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return (result.stdout or result.stderr).strip()


def first_line(path, key):
    try:
        for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(key):
                return line.split(":", 1)[-1].strip()
    except OSError:
        pass
    return "unknown"


def machine():
    return {"processor": first_line("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory": first_line("/proc/meminfo", "MemTotal"), "kernel": platform.release(),
            "system": first_line("/etc/os-release", "PRETTY_NAME").split("=")[-1].strip('"'),
            "load at the start": round(os.getloadavg()[0], 1)}


def package_versions(names):
    """Debian packages among names that are installed; nothing on other systems."""
    lines = output_of("dpkg-query", "-W", "-f=${db:Status-Abbrev} ${Package} ${Version}\n", *names)
    return {words[1]: words[2] for words in map(str.split, lines.splitlines())
            if len(words) == 3 and words[0].startswith("ii")}


def wanted_packages():
    lines = (TOP / "tools/packages").read_text(encoding="utf-8").splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    return sorted({name for stage, name in words if stage in ("build", "bench")})


def introspected(build, what):
    """What Meson knows of a build folder; nothing when it knows nothing."""
    try:
        return json.loads(output_of("meson", "introspect", what, str(build)))
    except ValueError:
        return []


def compiler_of(build):
    """The first line of the C compiler's --version, without what wraps it."""
    for target in introspected(build, "--targets"):
        for sources in target["target_sources"]:
            if sources.get("language") == "c" and sources["compiler"]:
                return output_of(sources["compiler"][-1], "--version").partition("\n")[0]
    return "unknown"


def build_facts(build):
    kept = ("buildtype", "optimization", "b_lto", "b_sanitize")
    options = {o["name"]: o["value"] for o in introspected(build, "--buildoptions") if o["name"] in kept}
    return {"compiler": compiler_of(build), **options}


def commit():
    name = output_of("git", "-C", str(TOP), "rev-parse", "--short=12", "HEAD") or "unknown"
    changed = output_of("git", "-C", str(TOP), "status", "--porcelain", "--untracked-files=no")
    return name + (" with changes" if changed else "")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def facts(build):
    return {"format": FORMAT, "made": now(), "commit": commit(), "machine": machine(), "build": build_facts(build),
            "versions": package_versions(wanted_packages())}


def known(build):
    """The benchmarks of a build folder, in its order."""
    text = subprocess.run(["meson", "introspect", "--benchmarks", str(build)], capture_output=True, text=True, check=True)
    return [{"name": entry["name"], "command": entry["cmd"], "environment": entry["env"],
             "timeout": entry["timeout"], "folder": entry["workdir"] or str(build),
             **{kind: any(suite.split(":")[-1] == kind for suite in entry["suite"]) for kind in ("speed", "long")}}
            for entry in json.loads(text.stdout)]


def parse(text):
    """(figures, pairs) of a benchmark's output; a name may appear several times."""
    found, pairs = {}, []
    for line in text.splitlines():
        words = line.split("\t")
        if words[0] == "figure" and len(words) == 5:
            entry = found.setdefault(words[1], {"unit": words[3], "better": words[4], "values": []})
            entry["values"].append(float(words[2]))
        elif words[0] == "pair" and len(words) == 6:
            pairs.append({"group": words[1], "label": words[2], "measured": float(words[3]),
                          "predicted": float(words[4]), "unit": words[5]})
    return found, pairs


def run_once(bench, quick):
    """(exit code or None when it took too long, standard output, its last words)"""
    environment = {**os.environ, **bench["environment"], "RNET_BENCH_QUICK": "1" if quick else ""}
    try:
        with subprocess.Popen(bench["command"], cwd=bench["folder"], env=environment, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              start_new_session=True) as child:
            try:
                out, err = child.communicate(timeout=bench["timeout"] or None)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGTERM)
                out, err = child.communicate()
                return None, out, f"took longer than {bench['timeout']} s"
    except OSError as problem:
        return 127, "", str(problem)
    said = (err.strip() or out.strip()).splitlines()
    return child.returncode, out, said[-1] if said else ""


def result_of(bench, runs, seconds, begun):
    """One entry of the report from (code, output, words) of every run; begun: when, and at what commit."""
    code, out, words = runs[-1]
    status = {0: "done", SKIPPED: "skipped", None: "timed out"}.get(code, "failed")
    values, pairs = {}, []
    for _, text, _ in runs:
        found, pairs = parse(text)
        for name, entry in found.items():
            values.setdefault(name, {**entry, "values": []})["values"] += entry["values"]
    figures = [{"name": name, "value": statistics.median(e["values"]), "low": min(e["values"]),
                "high": max(e["values"]), "runs": len(e["values"]), "unit": e["unit"], "better": e["better"]}
               for name, e in values.items()]
    return {"name": bench["name"], **begun, "status": status, "words": "" if status == "done" else words,
            "seconds": round(seconds, 1), "figures": figures, "pairs": pairs,
            "output": "\n".join(line for line in out.splitlines() if not line.startswith(("figure\t", "pair\t")))}


def run_all(benches, repeat, quick, progress):
    """Every benchmark; those of speed `repeat` times, in turns, so that other load hits all alike."""
    runs, seconds = {b["name"]: [] for b in benches}, {b["name"]: 0.0 for b in benches}
    started = {"made": now(), "commit": commit()}
    for turn in range(repeat):
        for bench in benches:
            name = bench["name"]
            if turn > 0 and (not bench["speed"] or runs[name][-1][0] != 0):
                continue
            progress(f"{name}, run {turn + 1}")
            begun = time.monotonic()
            runs[name].append(run_once(bench, quick))
            seconds[name] += time.monotonic() - begun
    return [result_of(b, runs[b["name"]], seconds[b["name"]], started) for b in benches]
