# A step of a pipeline makes an adapter, tests against it, and cleans up although the test fails.

step() (
  trap 'wintun delete ci --ignore-missing --json; wait' EXIT
  wintun create ci --address 10.77.0.1/24 --json || exit
  wintun serve ci --json >serve.jsonl &
  wintun list ci --wait up --timeout 60 --json || exit
  echo "The test fails."
  exit 1
)

step
echo "The step ended with $?."
step
echo "The step ended with $?, and finds nothing of the first."
wintun list --json
