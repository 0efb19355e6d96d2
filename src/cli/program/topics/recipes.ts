import type { Topic } from "./topic.ts";

/** Tasks of an Ansible playbook. */
export const ANSIBLE_TASKS: readonly string[] = [
  "- name: lab is as it should be",
  "  ansible.windows.win_command:",
  "    wintun create lab --if-not-exists --address 10.77.0.1/24 --json",
  "  register: lab",
  "  changed_when: lab.rc == 0 and (lab.stdout | from_json).changed",
  "- name: nobody serves old-lab",
  "  ansible.windows.win_command: wintun stop old-lab --json",
  "  register: stop",
  "  changed_when: stop.rc == 0 and (stop.stdout | from_json).changed",
  "  failed_when: stop.rc not in [0, 4]",
];

/** Steps of a job of GitHub Actions. */
export const ACTIONS_STEPS: readonly string[] = [
  "- name: Make an adapter, and serve it",
  "  shell: bash",
  "  run: |",
  "    wintun create ci --address 10.90.0.1/24",
  "    wintun serve ci --json >serve.jsonl 2>&1 &",
  "    wintun list ci --wait up --timeout 60",
  "- name: Test against it",
  "  run: ping -n 1 10.90.0.9",
  "- name: Clean up",
  "  if: always()",
  "  run: wintun delete ci --ignore-missing",
];

export const recipes: Topic = {
  name: "recipes",
  summary: "Scheduled task, Ansible, GitHub Actions, upgrade, uninstall",
  sections: [
    {
      body: ["All of this needs an administrator, and the folder of wintun.exe in the PATH."],
    },
    {
      title: "A scheduled task",
      body: [
        "A task that runs as SYSTEM has no console: what a command writes is lost unless it goes to a file. Put a batch file lab.cmd " +
        "beside wintun.exe, where only administrators can change it:",
        {
          code: [
            "@echo off",
            'cd /d "%~dp0"',
            "wintun create lab --if-not-exists --mtu 1400 --json >lab.json 2>lab.log",
          ],
        },
        "Make it a task, and run it once, in PowerShell:",
        {
          code: [
            `$file = '"C:\\Program Files\\wintun\\lab.cmd"'`,
            "$action = New-ScheduledTaskAction -Execute $file",
            "$trigger = New-ScheduledTaskTrigger -AtStartup",
            "Register-ScheduledTask lab -Action $action -Trigger $trigger -User SYSTEM",
            "Start-ScheduledTask lab",
            "(Get-ScheduledTaskInfo lab).LastTaskResult",
          ],
        },
        "The result of the task is the exit code of the last command. It is 267009 while the task runs. If the file ends with " +
        "wintun serve lab, the task serves until wintun stop lab.",
      ],
    },
    {
      title: "Ansible",
      body: [
        "The same over ssh and WinRM:",
        { code: ANSIBLE_TASKS },
        "win_command fails for each exit code but 0, and failed_when accepts others. Use win_shell only if you need it: PowerShell " +
        "parts values at commas. An adapter outlives the connection, a serve does not: serve by a scheduled task.",
      ],
    },
    {
      title: "GitHub Actions",
      body: [
        "On a Windows runner, after a step that unpacks wintun and adds its folder to $GITHUB_PATH:",
        { code: ACTIONS_STEPS },
        "bash ends a step at the first command that fails, which PowerShell does not. delete ends the serve too.",
      ],
    },
    {
      title: "Replace an adapter without a gap",
      body: [
        "Here lab routes 10.78.0.0/16, and another adapter takes that over. Run serve in a prompt of its own:",
        {
          code: [
            "wintun create lab-new --address 10.77.1.1/24",
            "wintun serve lab-new",
            "wintun list lab-new --wait up --timeout 60",
            'wintun set lab-new --route "10.78.0.0/16,metric=5"',
            "wintun set lab --route none",
            "wintun stop lab",
            "wintun delete lab",
            "wintun set lab-new --name lab",
          ],
        },
        "Both have the route for a moment, and Windows takes the lower metric. An address can be on one adapter only, so the new " +
        "one has another.",
        "The new adapter keeps its GUID, which follows from the name lab-new. So do not call the next one lab-new too: " +
        "create would end with exit code 5.",
      ],
    },
    {
      title: "Upgrade the program while adapters are up",
      body: [
        "The services of adapters run wintun.exe, and have wintun.dll loaded. Windows does not let anybody overwrite the files of a " +
        "program that runs, but it lets administrators rename them. So this replaces the program and keeps every adapter. In an " +
        "elevated PowerShell, in the folder of the program:",
        {
          code: [
            "Rename-Item wintun.exe wintun.old.exe",
            "Rename-Item wintun.dll wintun.old.dll",
            "Copy-Item NEW\\wintun.exe, NEW\\wintun.dll .",
            "wintun doctor",
          ],
        },
        "Adapters go on with the old program, and doctor names them. A persistent one runs the new version after a restart of " +
        "Windows or of its service, for which the adapter is away for a second:",
        { code: ["Get-Service 'wintun$*' | Where-Object StartType -eq Automatic | Restart-Service"] },
        "The service of another one cannot be started again: delete the adapter and create it again. When doctor names none any " +
        "more, delete the old files.",
      ],
    },
    {
      title: "Uninstall everything",
      body: [
        { code: ["wintun delete --all", "wintun driver uninstall"] },
        "Then delete the scheduled tasks that you made, the folder of the program and %ProgramData%\\wintun.",
      ],
    },
  ],
};
