# A test lab is served in the background while tests run, and is stopped from another shell.

wintun create lab --address 10.77.0.1/24 --json
wintun stop lab --json

wintun serve lab --json >serve.jsonl &
wintun list lab --wait up --timeout 60 --json
wintun serve lab --json
wintun stop lab --json
wait $!
echo "The serve in the background ended with $?."

wintun list lab --wait down --timeout 60 --json
wintun delete lab --json
wintun stop lab --json
wintun stop lab --ignore-missing --json
