import type { Topic } from "./topic.ts";

export const powershell: Topic = {
  name: "powershell",
  summary: "Completion, objects, errors and quotation marks in PowerShell",
  sections: [
    {
      body: [
        "All of this holds for Windows PowerShell 5.1 and for PowerShell 7. Where they differ, the version is named.",
      ],
    },
    {
      title: "One line for your profile",
      body: [
        { code: ["wintun completions powershell | Out-String | Invoke-Expression"] },
        "With this line in $PROFILE, every PowerShell completes commands, options, their values and the names of the present " +
        "adapters. The line also defines Invoke-Wintun. Both run the wintun.exe of the PATH.",
      ],
    },
    {
      title: "Objects",
      body: [
        "Invoke-Wintun takes the arguments of wintun and returns what the command writes with --json, as objects:",
        {
          code: [
            "(Invoke-Wintun list).adapters | Where-Object state -eq up | Format-Table name, addresses, mtu",
            "(Invoke-Wintun create lab --address 10.77.0.1/24).adapter.ifIndex",
            "Invoke-Wintun serve lab --stats 1 | ForEach-Object { $_.repliedPerSecond }",
          ],
        },
        "Events of serve arrive one by one. Warnings become warnings of PowerShell. PowerShell 7 turns a field such as time into a " +
        "date; 5.1 leaves it as text.",
      ],
    },
    {
      title: "Errors and exit codes",
      body: [
        'A wintun that fails does not stop a script, not even with $ErrorActionPreference = "Stop": PowerShell does not look at ' +
        "exit codes. Look at $LASTEXITCODE after each command, or let PowerShell 7.4 do it:",
        { code: ["$PSNativeCommandUseErrorActionPreference = $true"] },
        "Invoke-Wintun makes an error of PowerShell, which obeys $ErrorActionPreference, try and catch. Its TargetObject is the " +
        "object with operation, reason, hint and exitCode:",
        {
          code: [
            'try { $ErrorActionPreference = "Stop"; Invoke-Wintun delete lab }',
            "catch { if ($_.TargetObject.exitCode -ne 4) { throw } }",
          ],
        },
        'In 5.1 do not redirect stderr of a program (2>&1, 2>file) while $ErrorActionPreference is "Stop": its first line ' +
        "ends the script.",
      ],
    },
    {
      title: "Characters",
      body: [
        "Text is UTF-8. PowerShell decodes what it catches with the code page of the console, so names with other letters may be " +
        "damaged. JSON is ASCII, so it cannot be damaged. For text, this helps:",
        { code: ["[Console]::OutputEncoding = [Text.UTF8Encoding]::new()"] },
      ],
    },
    {
      title: "Quotation marks",
      body: [
        "PowerShell makes several arguments of a value with commas. Put it in quotation marks:",
        { code: ['wintun set lab --route "10.78.0.0/16,via=10.77.0.9,metric=5"'] },
        "A value with a dollar sign needs single quotation marks: 'lab$1'. With Invoke-Wintun, -- needs them too, because PowerShell " +
        "removes the first one: Invoke-Wintun delete '--' -lab.",
      ],
    },
  ],
};
