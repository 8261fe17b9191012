"""Real TCP over an emulated line, for benches: two network namespaces of this machine joined by a relay
in this program that queues, serialises by ATM cells and delays, and writes the capture at the office's
end. Needs root and /dev/net/tun: see possible()."""
import collections
import ctypes
import fcntl
import heapq
import os
import select
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SO_MAX_PACING_RATE = 47
OFFICE, SERVER = "192.168.7.2", "203.0.113.9"
SERVER_DELAY = 0.010  # one way, beyond the line
AT_ONCE = 3
# The TCP of a plain Linux, whatever this machine is tuned to: Linux's Documentation/networking/ip-sysctl.
# Its congestion control comes by the route, as a namespace may not choose one that the machine restricts.
TCP = {"tcp_rmem": "4096 131072 6291456", "tcp_wmem": "4096 16384 4194304"}

Line = collections.namedtuple("Line", "name down up buffer_down buffer_up delay")


# The line ------------------------------------------------------------------------------------------

class Way:
    """One direction: a drop-tail queue before a serialiser, then the delay."""

    def __init__(self, bps, buffer_bytes, delay):
        self.bps, self.buffer, self.delay = bps, buffer_bytes, delay
        self.free_at, self.queued, self.leaving = 0.0, 0, collections.deque()
        self.busy_from, self.busy_bytes = 0.0, 0
        self.full_s, self.full_bytes = 0.0, 0  # in stretches of half a second or more

    def end_stretch(self):
        if self.free_at - self.busy_from >= 0.5:
            self.full_s += self.free_at - self.busy_from
            self.full_bytes += self.busy_bytes

    def pass_on(self, now, size):
        """When a packet arrives at the other end; None if it is dropped."""
        while self.leaving and self.leaving[0][0] <= now:
            self.queued -= self.leaving.popleft()[1]
        if self.queued + size > self.buffer:
            return None
        if now >= self.free_at:
            self.end_stretch()
            self.busy_from, self.busy_bytes, self.free_at = now, 0, now
        self.free_at += 53 * -(-(size + 40) // 48) * 8 / self.bps
        self.busy_bytes += size
        self.queued += size
        self.leaving.append((self.free_at, size))
        return self.free_at + self.delay


def relay(office, internet, line, capture, stop):
    """Carry packets until `stop` says so; write the capture; return both ways."""
    up = Way(line.up, line.buffer_up, line.delay + SERVER_DELAY)
    down = Way(line.down, line.buffer_down, line.delay)
    arriving, order = [], 0
    capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))

    def record(when, packet):
        capture.write(struct.pack("<IIII", int(when), int(when % 1 * 1e6), min(len(packet), 96), len(packet)))
        capture.write(packet[:96])

    while not stop():
        timeout = max(0.0, min(0.1, arriving[0][0] - time.time())) if arriving else 0.1
        ready, _, _ = select.select([office, internet], [], [], timeout)
        now = time.time()
        for device in ready:
            packet = os.read(device, 65536)
            if packet[0] >> 4 != 4:
                continue
            order += 1
            if device == office:
                record(now, packet)
                when = up.pass_on(now, len(packet))
            else:
                when = now + SERVER_DELAY  # the server's part comes before the line
            if when is not None:
                heapq.heappush(arriving, (when, order, device == office, packet))
        while arriving and arriving[0][0] <= time.time():
            when, sequence, is_up, packet = heapq.heappop(arriving)
            if is_up or sequence == 0:
                if not is_up:
                    record(when, packet)
                os.write(internet if is_up else office, packet)
                continue
            later = down.pass_on(when, len(packet))
            if later is not None:
                heapq.heappush(arriving, (later, 0, False, packet))
    for way in (up, down):
        way.end_stretch()
    return up, down


# Work ----------------------------------------------------------------------------------------------

def read_line(peer):
    text = b""
    while not text.endswith(b"\n"):
        byte = peer.recv(1)
        if not byte:
            return None
        text += byte
    return text.decode().split()


def serve_one(peer):
    """GET bytes [pace bytes/s] [chunk bytes, pause s] / PUT bytes, on one connection."""
    with peer:
        while (words := read_line(peer)) is not None:
            size = int(words[1])
            if words[0] == "PUT":
                while size > 0:
                    size -= len(peer.recv(min(size, 65536)) or b"x" * size)
                peer.sendall(b"ok\n")
                continue
            if len(words) == 3:
                peer.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, int(words[2]))
            chunk, pause = (int(words[2]), float(words[3])) if len(words) == 4 else (size, 0)
            while size > 0:
                peer.sendall(bytes(min(chunk, size)))
                size -= chunk
                time.sleep(pause)


def listen(port, answer):
    """Serve a port for ever, a thread per connection."""
    listener = socket.create_server((SERVER, port), backlog=64)
    while True:
        peer = listener.accept()[0]
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


def serve():
    def datagrams():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((SERVER, 5004))
        while True:
            data, peer = sock.recvfrom(2048)
            sock.sendto(data, peer)

    threading.Thread(target=datagrams, daemon=True).start()
    listen(80, serve_one)


def quietly(peer, command, size):
    peer.sendall(command.encode() + b"\n")
    while size > 0:
        size -= len(peer.recv(min(size, 65536)) or b"x" * size)


def connect(window=0, port=80):
    peer = socket.socket()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as ssh, browsers and databases' clients do
    if window:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    peer.connect((SERVER, port))
    return peer


def get(size, extra="", window=0):
    with connect(window) as peer:
        quietly(peer, f"GET {int(size)} {extra}", int(size))


def put(size, pace=0):
    with connect() as peer:
        if pace:
            peer.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, int(pace))
        peer.sendall(f"PUT {int(size)}\n".encode())
        peer.sendall(bytes(int(size)))
        peer.recv(3)


# Recording -----------------------------------------------------------------------------------------

def new_namespace(name, address, peer):
    """Move this process to a new network namespace with one tunnel device; return the device."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (f"addr add {address} peer {peer} dev {name}", f"link set {name} up mtu 1492", "link set lo up",
                    f"route replace {peer} dev {name} src {address} congctl cubic"):
        subprocess.run(["ip", *command.split()], check=True)
    for setting, value in TCP.items():
        Path("/proc/sys/net/ipv4", setting).write_text(value)
    return device


def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def record(case, path):
    """Record one case; the relay's truth goes beside the capture."""
    line, name, work = case[:3]
    serving = case[3] if len(case) > 3 else serve
    start_read, start_write = os.pipe()
    office_device = new_namespace("office", OFFICE, SERVER)
    Path("/proc/sys/net/ipv4/tcp_timestamps").write_text("0" if name.endswith("no-ts") else "1")
    client = in_child(lambda: (os.read(start_read, 1), time.sleep(0.3), work(line)))
    internet_device = new_namespace("internet", SERVER, OFFICE)
    server = in_child(serving)
    os.write(start_write, b"x")
    done_at = []
    deadline = time.time() + 90

    def stop():
        if not done_at and (os.waitpid(client, os.WNOHANG)[0] != 0 or time.time() > deadline):
            done_at.append(time.time())
        return bool(done_at) and time.time() > done_at[0] + 0.5

    with open(path, "wb") as capture:
        up, down = relay(office_device, internet_device, line, capture, stop)
    for child in (server, client):
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    Path(f"{path}.truth").write_text(f"{up.full_s} {up.full_bytes} {down.full_s} {down.full_bytes}\n")


def record_all(cases, folder, at_once=AT_ONCE):
    waiting, running = list(cases), {}
    while waiting or running:
        while waiting and len(running) < at_once:
            case = waiting.pop(0)
            path = folder / f"{case[0].name.replace('/', '-')}-{case[1]}.pcap"
            running[in_child(lambda case=case, path=path: record(case, path))] = path
        child, status = os.wait()
        path = running.pop(child)
        if not Path(f"{path}.truth").exists():
            print(f"{path.name}: could not be recorded")


def possible():
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        return False
    probe = os.fork()
    if probe == 0:
        try:
            new_namespace("probe", OFFICE, SERVER)
        except (OSError, subprocess.CalledProcessError):
            os._exit(1)
        os._exit(0)
    return os.waitpid(probe, 0)[1] == 0
