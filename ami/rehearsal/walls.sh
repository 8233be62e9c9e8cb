#!/bin/sh
# Tells how the units of an image run, from within the machine: of each one that is active how often it was started
# again, and what the kernel holds each of its processes to. walls.py reads it.
set -eu

for unit in $(systemctl list-units --plain --no-legend --state=active 'classifycloud-*.service' | cut -d ' ' -f 1); do
    group=$(systemctl show --property=ControlGroup --value "$unit")
    processes=/sys/fs/cgroup$group/cgroup.procs
    # One that has done its work has none.
    if [ -z "$group" ] || [ ! -f "$processes" ]; then continue; fi
    echo "unit $unit $(systemctl show --property=NRestarts --value "$unit")"
    while read -r process; do
        # It may have ended meanwhile. Of its mounts, how the system itself is there: ro or rw.
        root=$(awk '$5 == "/" { print $6; exit }' "/proc/$process/mountinfo") || continue
        held=$(awk -F ':[ \t]*' '/^(Name|Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):/ {
            split($2, word, "[ \t]"); printf " %s=%s", $1, word[1]
        }' "/proc/$process/status") || continue
        echo "process $process root=${root%%,*}$held"
    done <"$processes"
done
echo end
