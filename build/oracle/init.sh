#!/bin/sh
# The guest's first process, started by run.sh: makes the file systems that programs expect, runs the command, writes down its status, stops.
# The root is the machine's own, read only; the kernel hands NETVS_ORACLE_FOLDER on as a variable.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev 2>/dev/null
mount -t tmpfs none /run
mkdir /run/folder
mount -t hostfs none /run/folder -o "$NETVS_ORACLE_FOLDER"
ip link set lo up
cd /run/folder || exit
set --
while IFS= read -r word; do set -- "$@" "$word"; done <command
"$@" >output 2>&1 </dev/null
echo $? >status
sync
echo o >/proc/sysrq-trigger
sleep 5
