import { EXIT_MEANINGS, type ExitCode } from "../../process/exit_codes.ts";
import type { Topic } from "./topic.ts";

/** The advice to the user for each code. It follows the meaning. */
const ADVICE: Readonly<Record<ExitCode, string>> = {
  0: "--if-not-exists accepts an adapter that exists, --ignore-missing one that does not. serve, watch and create --foreground " +
    "end with 0 after Ctrl-C too: they run until then.",
  1: "It names the operation, the reason, the Windows error code if there is one, and often what to do. wintun doctor " +
    "finds most causes.",
  2: "Correct it. wintun help COMMAND explains every option.",
  3: "create, set, delete, serve, stop, driver uninstall and doctor --self-test do, also if there is no such adapter. Open the " +
    'prompt with "Run as administrator", or run the script as an elevated task.',
  4: "wintun list shows the names. serve makes an adapter only with --address. delete and stop accept a missing adapter with " +
    "--ignore-missing.",
  5: "Choose another name or GUID. If wintun create made the adapter that has the name, and it is the one you mean, use create " +
    "--if-not-exists.",
  6: "The message names the file and the reason. See wintun help dll.",
  7: "Run the command on Windows, or try it with --simulate.",
  8: "An adapter has one session at a time. End the program that has it (wintun stop ends a wintun serve), or serve another " +
    "adapter. The driver can be removed when there is no adapter any more.",
  9: "Windows or another process took too long. Try again. create, delete, stop, list --wait and doctor --self-test " +
    "wait longer with --timeout.",
  10: "Somebody deleted it meanwhile, or removed its device. If that was not intended, create it again.",
  130: "Ctrl-C or another signal ended the command. create and serve then leave no adapter that they made; " +
    "delete may have deleted some of several adapters, and prints which.",
};

export const exitCodes: Topic = {
  name: "exit-codes",
  summary: "What each exit code means, and what to do about it",
  sections: [
    {
      body: [
        "Every command ends with one of these codes. If it is not 0, stderr has a message; with --json the message is an " +
        'object, in which "exitCode" is the same number.',
      ],
    },
    {
      title: "Codes",
      body: [{
        table: Object.entries(EXIT_MEANINGS).map((
          [code, meaning],
        ) => [code, `${meaning} ${ADVICE[Number(code) as ExitCode]}`]),
      }],
    },
    {
      title: "Commands that do several things",
      body: [
        "delete tries each adapter that it is given. If some fail, the exit code is that of the first failure; the other " +
        "failures are warnings.",
        "doctor ends with 1 if something will not work. Warnings alone give 0, and with --strict 1. An error that ends its " +
        "self-test early has its own code.",
        "serve ends with 1 if the echo went well but the capture of --pcap could not be written to its end.",
      ],
    },
    {
      title: "Checks with --dry-run",
      body: [
        "set and create --if-not-exists end with 0 whether or not something would change. The field changed of --json says " +
        "whether. These lines end with 0 only if nothing would change. In PowerShell:",
        { code: ["if ((wintun set lab --mtu 1400 --dry-run --json | ConvertFrom-Json).changed) { exit 1 }"] },
        "In bash, with jq:",
        { code: ["wintun set lab --mtu 1400 --dry-run --json | jq -e '.changed | not'"] },
      ],
    },
    {
      title: "In PowerShell",
      body: [
        "A program's exit code is in $LASTEXITCODE. It does not stop a script by itself:",
        {
          code: [
            "wintun create lab --if-not-exists --address 10.77.0.1/24",
            'if ($LASTEXITCODE -ne 0) { throw "wintun: exit code $LASTEXITCODE" }',
          ],
        },
      ],
    },
  ],
};
