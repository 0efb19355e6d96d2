# A serve is killed. An adapter that create has made stays, and of one that serve has made for itself Windows only remembers
# the device, until the next adapter is made.

# Kills a serve that has said that it is ready: the adapter is up a moment before.
kill_serve() {
  until [[ $(<"$1.jsonl") == *ready* ]]; do sleep 0.1; done
  [[ $(wintun list "$1" --json) =~ \"session\":\{\"pid\":([0-9]+) ]]
  end-process "${BASH_REMATCH[1]}"
}

wintun create lab --address 10.77.0.1/24 --json
wintun serve lab --json >lab.jsonl &
wintun list lab --wait up --timeout 60 --json
kill_serve lab
wait $!
wintun list lab --wait down --timeout 60 --json

wintun serve own --address 10.78.0.1/24 --json >own.jsonl &
wintun list own --wait up --timeout 60 --json
kill_serve own
wait $!
wintun list own --wait orphaned --timeout 60 --json
wintun list --json
wintun create own --address 10.78.0.1/24 --json
wintun list --all --json
wintun delete lab own --json
