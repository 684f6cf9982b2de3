#!/usr/bin/env python3
"""Writes down what the real ipvsadm answers: reads *.session files, runs each '$' line, rewrites the file in place.

Run it as root on a machine whose kernel has IPVS and nothing to lose: the tables are cleared before each file.
A line is split at blanks; '' is an empty argument, \\s a blank. Lines '<text' after it are the command's standard input.
Answers: '>text|' standard output, '!text|' standard error, '=N' the exit status (left out when 0). '#' lines are kept.
Names of hosts come from /etc/hosts: 192.0.2.77 is cluster.example.
"""
import subprocess
import sys


def words(line):
    return ["" if w == "''" else w.replace("\\s", " ") for w in line.split()]


def show(mark, text):
    lines = text.split("\n")
    if lines and lines[-1] == "":
        return [mark + l + "|" for l in lines[:-1]]
    return [mark + l + "|" for l in lines[:-1]] + [mark + lines[-1]]


def record(path):
    subprocess.run(["ipvsadm", "-C"], check=True)
    subprocess.run(["ipvsadm", "--set", "900", "120", "300"], check=True)
    out = []
    lines = [l.rstrip("\n") for l in open(path)]
    i = 0
    while i < len(lines):
        line = lines[i]
        i += 1
        if line.startswith("#") or not line.strip():
            out.append(line)
        if not line.startswith("$"):
            continue
        out.append(line)
        stdin = []
        while i < len(lines) and lines[i].startswith("<"):
            out.append(lines[i])
            stdin.append(lines[i][1:] + "\n")
            i += 1
        ran = subprocess.run(["ipvsadm"] + words(line[1:]), input="".join(stdin), capture_output=True, text=True)
        out += show(">", ran.stdout) + show("!", ran.stderr)
        if ran.returncode:
            out.append("=%d" % ran.returncode)
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")


for name in sys.argv[1:]:
    record(name)
