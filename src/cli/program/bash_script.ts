/**
 * The script that completes wintun in bash. COMP_WORDS holds the words as they were typed, and the name of an adapter may have
 * characters that are special in the shell. So a candidate is compared with the word both unquoted and quoted, and is offered
 * quoted.
 */
export const BASH_SCRIPT = `_wintun() {
  local current=\${COMP_WORDS[COMP_CWORD]} word quoted
  if [[ $current == "=" ]]; then current=; fi
  COMPREPLY=()
  while IFS= read -r word; do
    quoted=$word
    if [[ ! $word =~ ^[-.,[:alnum:]]+$ ]]; then printf -v quoted %q "$word"; fi
    if [[ $word == "$current"* || $quoted == "$current"* ]]; then COMPREPLY+=("$quoted"); fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _wintun wintun wintun.exe
`;
