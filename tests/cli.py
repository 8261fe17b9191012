"""What the tests of the command line share: running netsuff, and captures made byte by byte."""
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest
from html.parser import HTMLParser
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
NETSUFF = os.environ.get("RNET_NETSUFF", str(TOP / "build/tools/netsuff"))
DATA = TOP / "tests/data"
SHARED = Path(os.environ.get("RNET_SHARED", TOP.parent / "shared"))
SKIPPED = 77  # by which Meson counts a test as skipped
# Sanitizers make everything about ten times slower.
SLOWNESS = float(os.environ.get("RNET_SLOWNESS", "1"))

# Exit codes of the program (docs and man page).
DONE, VERDICT_NO, WRONG_USAGE, PARTIAL, FAILED = 0, 1, 2, 3, 4

RECORD = struct.Struct("<IIII")


class Page(HTMLParser):
    """What a page fetches, and whether its elements end where they should."""
    VOID = {"meta", "br", "line", "rect", "img", "link"}

    def __init__(self, text):
        super().__init__()
        self.open, self.fetches, self.words = [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.fetches += [value for name, value in attributes if name in ("src", "href")]
        assert tag != "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def schema(name):
    """The shipped JSON Schema of that document: what does not fit raises."""
    import jsonschema  # only where it is needed
    words = json.loads((TOP / f"lib/report/{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(words)
    return jsonschema.Draft202012Validator(words)


def run(*arguments, stdin=subprocess.DEVNULL, timeout=60, text=True, **environment):
    """Run netsuff; environment entries are added to a plain one."""
    given = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    given.update({name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name})
    given.update(environment)
    options = {"input": stdin} if isinstance(stdin, (bytes, str)) else {"stdin": stdin}
    result = subprocess.run([NETSUFF, *map(str, arguments)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=timeout * SLOWNESS, env=given, **options)
    if text:
        result.stdout = result.stdout.decode("utf-8")
        result.stderr = result.stderr.decode("utf-8")
    return result


def kill_after(seconds, *arguments):
    """Run netsuff, and end it that much later as nothing can be prepared for."""
    program = subprocess.Popen([NETSUFF, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    program.kill()
    program.wait()


def on_terminal(*arguments, columns=80, **environment):
    """What netsuff writes to a terminal that wide."""
    try:
        ours, theirs = pty.openpty()
    except OSError as reason:
        raise unittest.SkipTest(f"no terminal to be had here: {reason}") from reason
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    program = subprocess.Popen([NETSUFF, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                               env=environment)
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    program.wait()
    os.close(ours)
    return written.decode("utf-8")


def died(result):
    """How the program ended if a signal or a sanitizer ended it, else None."""
    if result.returncode < 0:
        return signal.Signals(-result.returncode).name
    words = result.stderr if isinstance(result.stderr, str) else result.stderr.decode("utf-8", "replace")
    for sign in ("Sanitizer", "runtime error:", "assertion", "Assertion"):
        if sign in words:
            return words[-2000:]
    return None


def shared(relative):
    path = SHARED / relative
    if not path.exists():
        print(f"skipped: {relative} is not here", file=sys.stderr)
        sys.exit(SKIPPED)
    return path


class Records:
    """A classic little-endian pcap as a list of records, read the slow obvious way."""

    def __init__(self, content):
        self.header = content[:24]
        self.records, at = [], 24
        while at + RECORD.size <= len(content):
            fields = RECORD.unpack_from(content, at)
            start = at + RECORD.size
            if start + fields[2] > len(content):
                break
            self.records.append((list(fields), content[start:start + fields[2]]))
            at = start + fields[2]

    def content(self, count=None):
        return self.header + b"".join(RECORD.pack(*fields) + frame
                                      for fields, frame in self.records[:count])


def main():
    if not Path(NETSUFF).exists():
        print(f"skipped: {NETSUFF} is not built", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
