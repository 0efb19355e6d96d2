/** Returns a capture's file as messages name it. */
export function captureFileName(file: string): string {
  return file === "-" ? "stdout" : `"${file}"`;
}
