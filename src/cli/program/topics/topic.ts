import type { Section } from "../layout.ts";

/** A page of help about a subject that concerns several commands: `wintun help exit-codes`. */
export interface Topic {
  readonly name: string;
  /** One line for the list of topics. */
  readonly summary: string;
  readonly sections: readonly Section[];
}
