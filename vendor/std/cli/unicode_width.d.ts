/** What this project uses of @std/cli/unicode-width, with its own names and meaning. */
export declare function unicodeWidth(str: string): number;
