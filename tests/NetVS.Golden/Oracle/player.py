#!/usr/bin/python3
"""Plays scenarios to the kernel it runs under, and writes down what came of them. For the guest of build/oracle/run.sh, as root.

usage: player.py SCENARIOS ANSWERS        JSON, as KernelScenario.cs has it

Each scenario gets a network namespace, so IPVS tables of its own, whose interfaces end here: a frame is sent into the other end of a veth, and
what comes out of any is read there. nftables shows what IPVS leaves to the kernel's own stack, and drops it, so that it is not answered.
Time is virtual (time-travel=inf-cpu): a step happens at its very moment, and whatever a frame causes has happened when send() returns.
"""
import ctypes
import errno
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

ETH_P_ALL, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 0x0003, 8, 15, 23
SOL_PACKET, SOL_NETLINK, NETLINK_NETFILTER, LOG_GROUP = 263, 270, 12, 5
CLONE_NEWNET = 0x40000000
# IPVS's estimator wakes 2.08 s after its namespace was made, and so on: its two seconds are 200 ticks, which the timer wheel makes 208. A scenario
# begins right after such a moment: half a second after each even second both sides have counted as often, for the first ten seconds or so.
SETTLE = 4.26
JIFFY = 0.01
libc = ctypes.CDLL(None, use_errno=True)

WITNESS = """
add table inet witness
add chain inet witness input { type filter hook input priority 200; }
add rule inet witness input icmpv6 type { 133, 134, 135, 136, 137, 130, 131, 132, 143 } accept
add rule inet witness input log group 5
add rule inet witness input icmp type { destination-unreachable, time-exceeded } accept
add rule inet witness input icmpv6 type { 1, 2, 3 } accept
add rule inet witness input drop
add table inet marks
add chain inet marks prerouting { type filter hook prerouting priority -150; }
"""


def namespace(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def run(words, text="", must=True):
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if must and done.returncode:
        raise RuntimeError("%s: %s\n%s" % (" ".join(words), done.stderr.strip(), text))
    return done


def write(path, value):
    with open(path, "w") as f:
        f.write(value)


def read(path):
    with open(path) as f:
        return f.read()


class Outside:
    """The far end of one of the director's interfaces."""

    def __init__(self, name, device):
        self.name = name
        self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.sender.bind((device, 0))
        self.receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.receiver.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.receiver.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.receiver.bind((device, ETH_P_ALL))
        self.receiver.setblocking(False)

    def drain(self):
        """What came out: frames, and the addresses somebody asked the MAC of."""
        while True:
            try:
                frame, extra, _, _ = self.receiver.recvmsg(70000, 256)
            except BlockingIOError:
                return
            for level, kind, data in extra:
                status, _, _, _, _, tag, protocol = struct.unpack("IIIHHHH", data[:20])
                if level == SOL_PACKET and kind == PACKET_AUXDATA and status & 0x10:
                    frame = frame[:12] + struct.pack("!HH", protocol if status & 0x40 else 0x8100, tag) + frame[12:]
            yield frame

    def close(self):
        self.sender.close()
        self.receiver.close()


class Witness:
    """Packets that reached the kernel's own stack, from nftables' log."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((0, 0))
        command = struct.pack("HHBxxx", 5, 1, 1)
        everything = struct.pack("HH", 10, 2) + struct.pack("!IBx", 0, 2) + b"\0\0"
        at_once = struct.pack("HH", 8, 5) + struct.pack("!I", 1)
        body = struct.pack("!BBH", 0, 0, LOG_GROUP) + command + everything + at_once
        self.socket.send(struct.pack("IHHII", 16 + len(body), 0x0401, 1, 1, 0) + body)
        self.socket.setblocking(False)

    def drain(self):
        while True:
            try:
                data = self.socket.recv(80000)
            except BlockingIOError:
                return
            while len(data) >= 16:
                length, kind = struct.unpack("IH", data[:6])
                if kind == 0x0400:
                    yield from self.payloads(data[20:length])
                data = data[(length + 3) & ~3:]

    @staticmethod
    def payloads(attributes):
        while len(attributes) >= 4:
            length, kind = struct.unpack("HH", attributes[:4])
            if length < 4:
                return
            if kind & 0x3FFF == 9:
                yield attributes[4:length]
            attributes = attributes[(length + 3) & ~3:]


def asked(frame):
    """The address that an ARP request or a neighbour solicitation asks for; '' for other noise of IPv6 stacks; None for a packet."""
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    kind = frame[at - 2:at]
    if kind == b"\x08\x06":
        return socket.inet_ntoa(frame[at + 24:at + 28])
    if kind != b"\x86\xdd":
        return None
    packet = frame[at:]
    if packet[6] == 0 and packet[40] == 58 and packet[48] in (130, 131, 132, 143):
        return ""
    if packet[6] == 58 and packet[40] in (133, 134, 136, 137, 130, 131, 132, 143):
        return ""
    if packet[6] == 58 and packet[40] == 135:
        return socket.inet_ntop(socket.AF_INET6, packet[48:64])
    return None


class Stage:
    """A director in a namespace of its own."""

    def __init__(self, number, interfaces, outer):
        self.outer, self.outsides, self.routed = outer, {}, set()
        libc.unshare(CLONE_NEWNET)
        self.inner = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.born = time.monotonic()
        for name, value in (
            ("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0"), ("ipv4/icmp_ratelimit", "0"),
            ("ipv4/conf/all/send_redirects", "0"), ("ipv4/conf/default/send_redirects", "0"), ("ipv6/icmp/ratelimit", "0"),
            ("ipv6/conf/all/forwarding", "1"), ("ipv6/conf/default/forwarding", "1"), ("ipv6/conf/all/accept_dad", "0"),
            ("ipv6/conf/default/accept_dad", "0"), ("ipv6/conf/default/addr_gen_mode", "1"), ("ipv6/conf/default/router_solicitations", "0"),
        ):
            write("/proc/sys/net/" + name, value)
        devices = {name: "far%d-%d" % (number, i) for i, name in enumerate(interfaces)}
        lines = ["link set lo up"]
        for name, device in devices.items():
            lines += ["link add %s type veth peer name %s netns 1" % (name, device), "link set dev %s up" % name]
        run(["ip", "-batch", "-"], "\n".join(lines) + "\n")
        namespace(outer)
        run(["ip", "-batch", "-"], "".join("link set dev %s mtu 9000 up\n" % d for d in devices.values()))
        for name, device in devices.items():
            write("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % device, "1")
            self.outsides[name] = Outside(name, device)
        namespace(self.inner)
        for name in devices:
            run(["ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off", "txvlan", "off"], must=False)
        run(["nft", "-f", "-"], WITNESS)
        self.witness = Witness()

    def network(self, lines):
        batch = []
        for line in lines:
            batch.append(line)
            made = re.match(r"\s*link add .*\bname (\S+)", line)
            if made:
                batch.append("link set dev %s up" % made.group(1))
        run(["ip", "-batch", "-"], "\n".join(batch) + "\n")

    def marks(self, rules):
        run(["nft", "-f", "-"], "flush chain inet marks prerouting\n" + "".join('add rule inet marks prerouting iifname "eth0" %s\n' % r for r in rules))
        # Marked packets are for the director whatever their address: without these routes the kernel would send them on.
        for mark in sorted({int(r.split()[r.split().index("set") + 1]) for r in rules if "set" in r.split()}):
            if mark == 0 or mark in self.routed:
                continue
            self.routed.add(mark)
            for family in ("-4", "-6"):
                run(["ip", family, "rule", "add", "fwmark", str(mark), "lookup", "100"])
                run(["ip", family, "route", "replace", "local", "default", "dev", "lo", "table", "100"])

    def send(self, step):
        packet = bytes.fromhex(step["frame"])
        if step["interface"] != "stack":
            self.outsides[step["interface"]].sender.send(bytes.fromhex(step.get("header") or "00" * 10) + packet)
            return
        family = socket.AF_INET if packet[0] >> 4 == 4 else socket.AF_INET6
        own = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        target = socket.inet_ntop(family, packet[16:20] if family == socket.AF_INET else packet[24:40])
        own.sendto(packet, (target, 0))
        own.close()

    def perform(self, step):
        answer = {}
        what = step["do"]
        if what == "network":
            self.network(step["lines"])
        elif what == "marks":
            self.marks(step["lines"])
        elif what == "set":
            try:
                write("/proc/sys/net/ipv4/vs/" + step["name"], step["value"])
            except OSError as e:
                answer["error"] = errno.errorcode[e.errno]
        elif what == "ipvsadm":
            done = run(["ipvsadm"] + step["words"], step.get("input") or "", must=False)
            answer.update(output=done.stdout, error=done.stderr, status=done.returncode)
            if set(step["words"]) & {"-d", "-D", "-C"}:
                # The sweep of expire_nodest_conn is work that waits for the next tick.
                time.sleep(2.5 * JIFFY)
        elif what == "in":
            self.send(step)
        return answer

    def collect(self, answer):
        answer["frames"], answer["asked"] = [], []
        for name, outside in self.outsides.items():
            for frame in outside.drain():
                address = asked(frame)
                if address is None:
                    answer["frames"].append({"interface": name, "frame": frame.hex()})
                elif address:
                    answer["asked"].append(address)
        answer["stack"] = [p.hex() for p in self.witness.drain()]

    def play(self, scenario):
        self.network(scenario["network"])
        start = (self.born + SETTLE) // JIFFY * JIFFY + JIFFY / 2
        answers = []
        for step in scenario["steps"]:
            wait = start + step["at"] / 1000 - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            before = {}
            self.collect(before)
            answer = self.perform(step)
            self.collect(answer)
            answer["unasked"] = before["frames"]
            for name in ("ip_vs", "ip_vs_conn", "ip_vs_stats_percpu"):
                answer[name] = read("/proc/thread-self/net/" + name) if step["looks"] else ""
            answers.append(answer)
        return answers

    def close(self):
        for outside in self.outsides.values():
            outside.close()
        self.witness.socket.close()
        namespace(self.outer)
        os.close(self.inner)


def main():
    outer = os.open("/proc/self/ns/net", os.O_RDONLY)
    write("/proc/sys/net/ipv4/icmp_msgs_per_sec", "100000")
    write("/proc/sys/net/ipv4/icmp_msgs_burst", "100000")
    with open(sys.argv[1]) as f:
        scenarios = json.load(f)
    answers = {}
    for number, scenario in enumerate(scenarios):
        stage = Stage(number, scenario["interfaces"], outer)
        try:
            answers[scenario["name"]] = {"steps": stage.play(scenario)}
        except Exception as e:
            answers[scenario["name"]] = {"problem": "%s: %s" % (type(e).__name__, e)}
        finally:
            stage.close()
    with open(sys.argv[2], "w") as f:
        json.dump({"kernel": os.uname().release, "answers": answers}, f)


main()
