/**
 * Scripts that bring the adapters of a machine to what a JSON file says. The members of an adapter in the file are the options
 * of `create`, so neither script knows any option, and both run the same commands.
 */
export const CONVERGENCE_SCRIPTS: Readonly<Record<string, string>> = {
  powershell: `# Brings the Wintun adapters of this machine to what a JSON file says.
# Usage: powershell -File converge.ps1 adapters.json
# Needs wintun in the PATH. Explained by: wintun help convergence
param([Parameter(Mandatory)] [string] $Path)
$ErrorActionPreference = 'Stop'
wintun completions powershell | Out-String | Invoke-Expression

$file = Get-Content -Raw -Encoding UTF8 $Path | ConvertFrom-Json
if ($file.adapters -isnot [array]) { throw "$Path has no list of adapters." }
$named = @(foreach ($adapter in $file.adapters) {
  if ($adapter.name -isnot [string]) { throw "An adapter in $Path has no name." }
  $adapter.name
})
$script:changed = 0

# The members of an adapter are the options of wintun create: a list repeats its
# option, an empty list is the value none, and true is an option without a value.
function Get-Options($adapter) {
  foreach ($member in $adapter.PSObject.Properties) {
    $option = "--$($member.Name)"
    if ($member.Name -eq 'name') { continue }
    if ($member.Value -is [bool]) {
      if ($member.Value) { $option }
      continue
    }
    $values = @($member.Value)
    if ($values.Count -eq 0) { $values = @('none') }
    foreach ($value in $values) { $option; "$value" }
  }
}

# Reports a change: the name of the adapter, and the answer of wintun.
function Write-Change($name, $answer) {
  if (-not $answer.changed) { return }
  $script:changed++
  $outcome = if ($answer.deleted) { 'deleted' } elseif ($answer.created) { 'created' } else { 'changed' }
  "\${name}: $outcome"
}

# First, because an adapter of the file may get an address that one of these has.
if ($file.deleteOthers -is [bool] -and $file.deleteOthers) {
  $list = Invoke-Wintun list --owner ours
  foreach ($adapter in $list.adapters) {
    if ($adapter.owner.role -ne 'keeper') { continue }
    if ($named -contains $adapter.name -or $named -contains $adapter.createdAs) { continue }
    try {
      $answer = Invoke-Wintun delete $adapter.name
    } catch { throw "$($adapter.name): $_" }
    Write-Change $adapter.name $answer
  }
}

foreach ($adapter in $file.adapters) {
  $options = @(Get-Options $adapter)
  try {
    $answer = Invoke-Wintun create $adapter.name --if-not-exists @options
  } catch { throw "$($adapter.name): $_" }
  Write-Change $adapter.name $answer
}

if ($script:changed -eq 0) { 'Nothing changed.' }
`,
  bash: `#!/usr/bin/env bash
# Brings the Wintun adapters of this machine to what a JSON file says.
# Usage: bash converge.sh adapters.json
# Needs bash 4.4, jq, and wintun in the PATH. Explained by: wintun help convergence
set -euo pipefail
shopt -s inherit_errexit

file=\${1:?Usage: bash converge.sh adapters.json}
changed=0

# The members of an adapter are the options of wintun create: a list repeats its
# option, an empty list is the value none, and true is an option without a value.
options='.adapters[$index] | del(.name) | to_entries[] | ("--" + .key) as $option | .value |
  if . == true then $option
  elif . == false then empty
  elif . == [] then $option, "none"
  elif type == "array" then .[] | $option, tostring
  else $option, tostring
  end'

# Adapters that wintun create made, and that the file does not name.
others='($file[0].adapters | map(.name | ascii_downcase)) as $named | .adapters[] |
  select(.owner.role == "keeper") |
  select(all(.name, .createdAs // ""; ascii_downcase | IN($named[]) | not)) | .name'

outcome='if .deleted then "deleted" elif .created then "created" else "changed" end'

# jq on Windows ends its lines with a carriage return too.
read_json() {
  jq -r "$@" | tr -d '\\r'
}

# Reports a change: the name of the adapter, and the answer of wintun.
report() {
  if [[ $(read_json .changed <<<"$2") == true ]]; then
    changed=$((changed + 1))
    echo "$1: $(read_json "$outcome" <<<"$2")"
  fi
}

# Ends the script as wintun ended, which has written why, and names the adapter.
fail() {
  local code=$?
  echo "$1: wintun ended with exit code $code." >&2
  exit "$code"
}

names='.adapters | arrays // error("there is no list of adapters") |
  map(.name | strings // error("an adapter has no name"))'
count=$(read_json "$names | length" "$file")

# First, because an adapter of the file may get an address that one of these has.
if [[ $(read_json '.deleteOthers == true' "$file") == true ]]; then
  list=$(wintun list --owner ours --json)
  text=$(read_json --slurpfile file "$file" "$others" <<<"$list")
  words=()
  if [[ $text ]]; then mapfile -t words <<<"$text"; fi
  for name in "\${words[@]}"; do
    answer=$(wintun delete "$name" --json) || fail "$name"
    report "$name" "$answer"
  done
fi

for ((index = 0; index < count; index++)); do
  name=$(read_json --argjson index "$index" '.adapters[$index].name' "$file")
  text=$(read_json --argjson index "$index" "$options" "$file")
  words=()
  if [[ $text ]]; then mapfile -t words <<<"$text"; fi
  answer=$(wintun create "$name" --if-not-exists "\${words[@]}" --json) || fail "$name"
  report "$name" "$answer"
done

if ((changed == 0)); then echo "Nothing changed."; fi
`,
};
