# Runs one program that must not outlive its holder, the process at the other end of our standard input.
# This text comes in the variable SUPERVISOR rather than as an argument, so that a list of processes stays readable.
# sh -c 'eval "$SUPERVISOR"' supervisor LOG HOME GRACE PROGRAM ARGUMENTS...
#   LOG    file for the program's output, or "" to pass it on
#   HOME   folder to remove once the holder has ended, or "" to keep everything
#   GRACE  tenths of a second between SIGTERM and SIGKILL
# The first line of our output is the program's process id. We end with the program's own exit status.
log=$1 home=$2 grace=$3
shift 3
unset SUPERVISOR
exec 3<&0

# The inner shell prints its process id and then becomes the program, so the id is known before any output.
sh -c 'log=$1; shift; echo $$; if [ -n "$log" ]; then exec >>"$log"; fi; exec "$@" 2>&1' sh "$log" "$@" </dev/null 3<&- &
program=$!
exec >/dev/null 2>&1

# Nothing is ever written to the pipe, so `read` returns when its other end is closed: on purpose, by a crash, or by SIGKILL.
(
    read -r _
    trap '' TERM
    kill -TERM "$program"
    while kill -0 "$program" && [ "$grace" -gt 0 ]; do
        sleep 0.1
        grace=$((grace - 1))
    done
    kill -KILL "$program"
    while kill -0 "$program"; do sleep 0.05; done
    if [ -n "$home" ]; then rm -rf "$home"; fi
) <&3 &
watcher=$!

trap 'kill -TERM "$program"' TERM INT HUP
wait "$program"
status=$?
while kill -0 "$program"; do
    wait "$program"
    status=$?
done
# If the holder ended at the same moment, the watcher needs time to notice it before it is asked to end.
if [ -n "$home" ]; then sleep 0.1; fi
# A watcher that is still reading ends; one that is cleaning up ignores the signal.
kill -TERM "$watcher"
wait "$watcher"
exit "$status"
