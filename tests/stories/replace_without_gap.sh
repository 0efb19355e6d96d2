# An adapter is replaced by one of another type, while packets to 10.78.0.0/16 always have a way.

wintun create lab --address 10.77.0.1/24 --route 10.78.0.0/16 --json
wintun serve lab --json >old.jsonl &
old=$!
wintun list lab --wait up --timeout 60 --json

wintun create lab-new --type Lab --address 10.77.1.1/24 --json
wintun serve lab-new --json >new.jsonl &
new=$!
wintun list lab-new --wait up --timeout 60 --json
wintun set lab-new --route "10.78.0.0/16,metric=5" --json
wintun set lab --route none --json
wintun stop lab --json
wait $old
wintun delete lab --json
wintun set lab-new --name lab --json

wintun list --json
wintun stop lab --json
wait $new
wintun delete lab --json
