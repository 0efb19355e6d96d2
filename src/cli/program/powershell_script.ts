/**
 * The script for PowerShell: it completes wintun, and defines `Invoke-Wintun`. Both ask the program for JSON, which is ASCII,
 * because Windows PowerShell decodes with the console's code page.
 *
 * `Invoke-Wintun` takes its arguments from `$args`, so it declares no parameters, which PowerShell would look for among
 * wintun's options. It reads stderr, too. Windows PowerShell (5.1) reports each line of a redirected stderr as an error,
 * and with `Stop` ends at the first one; PowerShell 7.4 can do so for an exit code. Neither may happen inside: the exit code of
 * a `wintun` that fails comes with an object that says why. That object becomes the only error.
 */
export const POWERSHELL_SCRIPT = `Register-ArgumentCompleter -Native -CommandName wintun -ScriptBlock {
  param($word, $ast, $position)
  $given = @($ast.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })
  $program = $ast.GetCommandName()
  $found = & $program complete --json '--' @given 2>$null | ConvertFrom-Json
  $typed = $word.Trim("'", '"')
  $types = @{ command = 'Command'; option = 'ParameterName'; value = 'ParameterValue' }
  $found.candidates | Where-Object { $_ -and $_.text.StartsWith($typed, 'OrdinalIgnoreCase') } | ForEach-Object {
    $text = $_.text
    if ($text -notmatch '^[-.\\w]+$') {
      $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text) + "'"
    }
    [System.Management.Automation.CompletionResult]::new($text, $_.text, $types[$_.kind], $_.help)
  }
}

function Invoke-Wintun {
  $arguments = $args
  & {
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    wintun.exe --json @arguments 2>&1
  } | ForEach-Object {
    $answer = ConvertFrom-Json "$_"
    if ($answer.warning) { Write-Warning $answer.warning.message }
    elseif ($answer.detail) { Write-Verbose $answer.detail.message -Verbose }
    elseif ($answer.error) {
      $failure = @{
        Message = $answer.error.message
        ErrorId = "wintun.$($answer.error.exitCode)"
        TargetObject = $answer.error
      }
      if ($answer.error.hint) { $failure.RecommendedAction = $answer.error.hint }
      Write-Error @failure
    }
    else { $answer }
  }
}
`;
