"""What the tests of tools/cluster share: captures with a manifest, and the serial way to their survey."""
import cli

TOOLS = cli.TOP / "tools/cluster"


def make_captures(folder, count):
    """The shipped call cut after more and more packets, listed in list.tsv."""
    content = (cli.DATA / "call-and-upload.pcap").read_bytes()
    at, offsets = 24, []
    while at + 16 <= len(content):
        offsets.append(at)
        at += 16 + int.from_bytes(content[at + 8:at + 12], "little")
    step = len(offsets) // (count + 1)
    rows = ["firm\tpath\tstaff\tline"]
    for i in range(count):
        (folder / f"{i}.pcap").write_bytes(content[:offsets[(i + 1) * step]])
        rows.append(f"firm {i:02}\t{i}.pcap\t{i + 1}\tadsl-2m")
    (folder / "list.tsv").write_text("\n".join(rows) + "\n")


def serial(folder):
    """The bytes of the survey of list.tsv, made by one process on one machine."""
    filled, survey = folder / "filled.db", folder / "serial.db"
    for arguments in (["add", "--quiet", filled, "--manifest", folder / "list.tsv"], ["merge", survey, filled]):
        code = cli.run("survey", *arguments).returncode
        if code not in (cli.DONE, cli.PARTIAL):
            raise AssertionError(f"survey {arguments[0]}: exit {code}")
    return survey.read_bytes()
