#!/usr/bin/env bash
# Runs a program under the kernel that build/oracle/kernel.sh built, as root of a machine of its own, and exits with its status.
#
#   build/oracle/run.sh FOLDER PROGRAM [ARG...]
#
# The program sees this machine's files and cannot write them, but for FOLDER: that is /run/folder there. Time is the guest's own: sleeping
# takes none of ours, computing none of its, so every timer fires exactly when it should. What the guest's console says is in FOLDER/console.
set -eu
. "$(dirname "$(readlink -f "$0")")/../setup.sh"
[ $# -ge 2 ] || die "usage: build/oracle/run.sh FOLDER PROGRAM [ARG...]"
kernel=$(oracle_cache)/linux folder=$(cd "$1" && pwd)
shift
[ -x "$kernel" ] || die "there is no kernel to compare with: build/oracle/kernel.sh builds it"
printf '%s\n' "$@" >"$folder/command"
rm -f "$folder/status"
"$kernel" mem="${NETVS_ORACLE_MEMORY:-768M}" uml_dir="$folder" umid=guest rootfstype=hostfs rootflags=/ ro \
	init="$root_dir/build/oracle/init.sh" panic=-1 loglevel=4 con=null con0=null,fd:1 console=tty0 time-travel=inf-cpu \
	NETVS_ORACLE_FOLDER="$folder" </dev/null >"$folder/console" 2>&1 || true
if [ ! -s "$folder/status" ]; then
	tail -n 40 "$folder/console" >&2
	die "the kernel under test died: its console is above"
fi
exit "$(cat "$folder/status")"
