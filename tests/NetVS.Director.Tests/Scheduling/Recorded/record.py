#!/usr/bin/env python3
"""Records what the kernel's IPVS schedulers choose, as fixtures for RecordedScheduleTests.

Run as root on a kernel with ip_vs, in a network namespace of its own (it makes a veth pair, services and sysctls):
    record.py FOLDER
It writes one text file a scenario, and takes hours unless sleeping costs nothing there. A scenario is drawn from a seed; every line is something that was done to the kernel, and a
connection's line ends with the server the kernel chose, or '-' when it chose none:
    service wrr [flag-1,flag-2] [ipv6]
    add C 3 [UPPER LOWER]     at the head of the list, with a weight
    edit C 2 [UPPER LOWER]
    delete C
    open 198.51.100.7 40000 C a TCP connection: SYN
    close 198.51.100.7 40000  the same connection: ACK (a half-open one ignores a RST), RST; inactive from here
    wait                      12 s pass: closed connections are gone, open ones are not
Server C is 10.0.0.3:80 or [2001:db8:1::3]:80; the service is 192.0.2.10:80 or [2001:db8::10]:80; the method is DR.
"""
import ipaddress
import os
import random
import socket
import struct
import subprocess
import sys
import time

SCENARIOS = [(s, flags, six) for s in ("rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "lblc", "lblcr", "dh") for flags in ("",) for six in (False,)]
SCENARIOS += [("dh", "", True)]
SCENARIOS += [(s, flags, six) for s in ("sh", "mh") for flags in ("", "flag-1", "flag-2", "flag-1,flag-2") for six in (False, True)]
OPTIONS = {"sh": {"flag-1": "sh-fallback", "flag-2": "sh-port"}, "mh": {"flag-1": "mh-fallback", "flag-2": "mh-port"}}
NAMES = "ABCDEFGH"
EVENTS = 260


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, destination, port, flags):
    tcp = struct.pack("!HHIIBBHHH", port, 80, 1, 0, 5 << 4, flags, 1024, 0, 0)
    s, d = source.packed, destination.packed
    pseudo = s + d + (struct.pack("!BBH", 0, 6, 20) if source.version == 4 else struct.pack("!IHBB", 20, 0, 0, 6))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    if source.version == 6:
        return struct.pack("!IHBB", 6 << 28, 20, 6, 64) + s + d + tcp
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0x4000, 64, 6, 0, s, d)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + tcp


class Recorder:
    def __init__(self, scheduler, flags, six, seed):
        self.random = random.Random(seed)
        self.scheduler, self.six = scheduler, six
        self.vip = ipaddress.ip_address("2001:db8::10" if six else "192.0.2.10")
        self.lines = [f"service {scheduler} {flags} {'ipv6' if six else ''}".rstrip().replace("  ", " ")]
        self.opened, self.closed, self.waiting = [], set(), {}
        self.servers = {}
        run("ipvsadm", "-C")
        options = ["-b", ",".join(OPTIONS[scheduler][f] for f in flags.split(","))] if flags else []
        run("ipvsadm", "-A", "-t", self.service(), "-s", scheduler, *options)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(("client", 0))
        with open("/sys/class/net/director/address") as f:
            self.ethernet = bytes.fromhex(f.read().strip().replace(":", "")) + b"\x02\0\0\0\0\x09" + (b"\x86\xdd" if six else b"\x08\0")

    def service(self):
        return f"[{self.vip}]:80" if self.six else f"{self.vip}:80"

    def server(self, name):
        number = NAMES.index(name) + 1
        return f"[2001:db8:1::{number}]:80" if self.six else f"10.0.0.{number}:80"

    def weight(self):
        if self.scheduler in ("ovf", "lblc", "lblcr"):
            return self.random.choice((0, 1, 2, 3, 5, 8))
        return self.random.choice((0, 1, 1, 2, 3, 4, 6, 10, 50, 100))

    def change(self, command, name):
        weight = self.weight()
        words = [command, name, str(weight)]
        options = []
        if self.random.random() < 0.3:
            upper = self.random.randrange(4, 40)
            lower = self.random.choice((0, self.random.randrange(1, upper)))
            words += [str(upper), str(lower)]
            options = ["-x", str(upper), "-y", str(lower)]
        run("ipvsadm", "-a" if command == "add" else "-e", "-t", self.service(), "-r", self.server(name), "-g", "-w", str(weight), *options)
        self.servers[name] = weight
        self.lines.append(" ".join(words))

    def send(self, address, port, flags):
        self.socket.send(self.ethernet + segment(ipaddress.ip_address(address), self.vip, port, flags))

    def read(self):
        chosen = {}
        with open("/proc/net/ip_vs_conn") as f:
            for line in f.readlines()[1:]:
                words = line.split()
                if (":" in words[1]) != self.six:
                    continue
                client = words[1].strip("[]") if self.six else str(ipaddress.ip_address(int(words[1], 16)))
                real = ipaddress.ip_address(words[5].strip("[]") if self.six else int(words[5], 16))
                chosen[(str(ipaddress.ip_address(client)), int(words[2], 16))] = NAMES[int(real.packed[-1]) - 1]
        for key, line in self.waiting.items():
            self.lines[line] += " " + chosen.get(key, "-")
            if key in chosen:
                self.opened.append(key)
        self.waiting = {}

    def step(self, number):
        roll = self.random.random()
        if number in (80, 140, 200):
            self.read()
            time.sleep(12)
            self.opened = [key for key in self.opened if key not in self.closed]
            self.lines.append("wait")
        elif roll < 0.03 and len(self.servers) > 2:
            name = self.random.choice(sorted(self.servers))
            run("ipvsadm", "-d", "-t", self.service(), "-r", self.server(name))
            del self.servers[name]
            self.lines.append(f"delete {name}")
        elif roll < 0.06 and len(self.servers) < len(NAMES):
            self.change("add", self.random.choice([n for n in NAMES if n not in self.servers]))
        elif roll < 0.12:
            self.change("edit", self.random.choice(sorted(self.servers)))
        elif roll < 0.27:
            self.read()
            candidates = [key for key in self.opened if key not in self.closed]
            if candidates:
                key = self.random.choice(candidates)
                self.closed.add(key)
                self.send(*key, 0x10)
                self.send(*key, 0x04)
                self.lines.append(f"close {key[0]} {key[1]}")
        else:
            host = self.random.randrange(1, 60000)
            address = f"2001:db8:c::{host:x}" if self.six else f"198.51.{host >> 8}.{host & 255}"
            key = (str(ipaddress.ip_address(address)), self.random.randrange(1024, 65536))
            if key in self.waiting or key in self.opened:
                return
            self.send(*key, 0x02)
            self.waiting[key] = len(self.lines)
            self.lines.append(f"open {key[0]} {key[1]}")

    def record(self):
        for name in "ABC":
            self.change("add", name)
        for number in range(EVENTS):
            self.step(number)
        self.read()
        return self.lines


def prepare():
    run("ip", "link", "add", "director", "type", "veth", "peer", "name", "client")
    for command in ("link set lo up", "link set director up", "link set client up",
                    "addr add 10.0.0.254/24 dev director", "addr add 192.0.2.10/32 dev director", "route add default dev director"):
        run("ip", *command.split())
    for command in ("addr add 2001:db8:1::fe/64 dev director nodad", "addr add 2001:db8::10/128 dev director nodad", "route add default dev director"):
        run("ip", "-6", *command.split())
    for number in range(1, len(NAMES) + 1):
        run("ip", "neigh", "add", f"10.0.0.{number}", "lladdr", "02:00:00:00:00:01", "dev", "director")
        run("ip", "-6", "neigh", "add", f"2001:db8:1::{number}", "lladdr", "02:00:00:00:00:01", "dev", "director")
    for name in ("all", "director"):
        with open(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", "w") as f:
            f.write("0")


def main():
    folder = sys.argv[1]
    prepare()
    for seed, (scheduler, flags, six) in enumerate(SCENARIOS, 1):
        lines = Recorder(scheduler, flags, six, seed).record()
        name = "-".join(filter(None, (scheduler, flags.replace(",", "-"), "ipv6" if six else "")))
        with open(os.path.join(folder, name + ".txt"), "w") as f:
            f.write("\n".join(lines) + "\n")
        # Until every connection has expired and the trash is empty; else the next scenario would get servers back with their counts.
        time.sleep(600)


if __name__ == "__main__":
    main()
