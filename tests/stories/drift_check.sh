# A scheduled job looks whether an adapter is as it should be, and repairs it if somebody has changed it.

settings=(--address 10.77.0.1/24 --mtu 1400 --dns 10.77.0.53)

look() {
  local answer
  answer=$(wintun create lab --if-not-exists "${settings[@]}" --dry-run --json) || return
  if [[ $answer == *'"changed":true'* ]]; then echo "lab is not as it should be."; else echo "lab is as it should be."; fi
}

look
wintun create lab --if-not-exists "${settings[@]}" --json
look
wintun set lab --mtu 1300 --dns none --json
look
wintun create lab --if-not-exists "${settings[@]}" --json
look
wintun delete lab --json
