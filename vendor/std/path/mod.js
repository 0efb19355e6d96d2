// @ts-self-types="./mod.d.ts"
// path/mod.js chooses by asking for `globalThis.process`, except on Windows. Deno then loads its node:process, which takes
// longer than all else that this program does before a command runs. So the choice is made here, between the same functions.
import { basename as posixBasename } from "npm:deno-std@1.4.0/path/posix/basename.js";
import { dirname as posixDirname } from "npm:deno-std@1.4.0/path/posix/dirname.js";
import { fromFileUrl as posixFromFileUrl } from "npm:deno-std@1.4.0/path/posix/from_file_url.js";
import { isAbsolute as posixIsAbsolute } from "npm:deno-std@1.4.0/path/posix/is_absolute.js";
import { join as posixJoin } from "npm:deno-std@1.4.0/path/posix/join.js";
import { resolve as posixResolve } from "npm:deno-std@1.4.0/path/posix/resolve.js";
import { toFileUrl as posixToFileUrl } from "npm:deno-std@1.4.0/path/posix/to_file_url.js";
import { basename as windowsBasename } from "npm:deno-std@1.4.0/path/windows/basename.js";
import { dirname as windowsDirname } from "npm:deno-std@1.4.0/path/windows/dirname.js";
import { fromFileUrl as windowsFromFileUrl } from "npm:deno-std@1.4.0/path/windows/from_file_url.js";
import { isAbsolute as windowsIsAbsolute } from "npm:deno-std@1.4.0/path/windows/is_absolute.js";
import { join as windowsJoin } from "npm:deno-std@1.4.0/path/windows/join.js";
import { resolve as windowsResolve } from "npm:deno-std@1.4.0/path/windows/resolve.js";
import { toFileUrl as windowsToFileUrl } from "npm:deno-std@1.4.0/path/windows/to_file_url.js";

const isWindows = Deno.build.os === "windows";

export const basename = isWindows ? windowsBasename : posixBasename;
export const dirname = isWindows ? windowsDirname : posixDirname;
export const fromFileUrl = isWindows ? windowsFromFileUrl : posixFromFileUrl;
export const isAbsolute = isWindows ? windowsIsAbsolute : posixIsAbsolute;
export const join = isWindows ? windowsJoin : posixJoin;
export const resolve = isWindows ? windowsResolve : posixResolve;
export const toFileUrl = isWindows ? windowsToFileUrl : posixToFileUrl;
