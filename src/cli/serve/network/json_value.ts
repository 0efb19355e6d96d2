import { suggest } from "../../arguments/suggest.ts";
import { UsageError } from "../../arguments/usage_error.ts";

/** Returns what a JSON value means, or `undefined` if it has a fault, which `JsonValue` has noted. */
export type JsonReader<T> = (value: JsonValue) => T | undefined;

type Readers = Readonly<Record<string, JsonReader<unknown>>>;

/** The properties of an object that are there and have no fault. */
export type Properties<R extends Readers> = {
  readonly [Name in keyof R]?: R[Name] extends JsonReader<infer T> ? T : never;
};

/** The longest part of a value that messages show. */
const LONGEST_TEXT = 60;

/** A value in a JSON document that a user has written. It knows where it is, for messages. */
export class JsonValue {
  readonly value: unknown;
  /** Such as `hosts[2].delay`; "" for the whole document. */
  readonly path: string;
  readonly #faults: string[];

  /** @param faults Receives a sentence for each fault: the path, the value and the reason. */
  constructor(value: unknown, faults: string[], path = "") {
    this.value = value;
    this.path = path;
    this.#faults = faults;
  }

  /** Notes that something is wrong with this value. @param reason The end of a sentence. */
  fault(reason: string): undefined {
    const text = JSON.stringify(this.value);
    const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
    this.#note(this.path === "" ? "" : `${this.path} `, `${shown}: ${reason}`);
  }

  /** Reads a text as an option reads it. */
  readText<T>(read: (text: string) => T): T | undefined {
    if (typeof this.value !== "string") return this.fault("must be a string in quotation marks");
    try {
      return read(this.value);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#note(`${this.path} `, `${error.message}${error.hint === "" ? "" : ` ${error.hint}`}`);
    }
  }

  /** Reads a whole number from `least` to `most`. */
  readInteger(least: number, most: number): number | undefined {
    const { value } = this;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    return this.fault(`must be a whole number from ${least} to ${most}`);
  }

  /** Reads `true` or `false`. */
  readBoolean(): boolean | undefined {
    return typeof this.value === "boolean" ? this.value : this.fault("must be true or false");
  }

  /** Reads the elements of an array. Those with a fault are left out. */
  readArray<T>(read: JsonReader<T>): T[] | undefined {
    if (!Array.isArray(this.value)) return this.fault("must be an array");
    return this.value.flatMap((element, index) => {
      const one = read(new JsonValue(element, this.#faults, `${this.path}[${index}]`));
      return one === undefined ? [] : [one];
    });
  }

  /** Reads the properties of an object. One for which there is no reader is a fault. */
  readObject<R extends Readers>(readers: R): Properties<R> | undefined {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value)) {
      return this.fault("must be an object");
    }
    const found: [string, unknown][] = [];
    const names = Object.keys(readers);
    for (const [name, value] of Object.entries(this.value)) {
      const path = this.path === "" ? name : `${this.path}.${name}`;
      if (names.includes(name)) {
        const read = readers[name](new JsonValue(value, this.#faults, path));
        if (read !== undefined) found.push([name, read]);
      } else {
        const meant = suggest(name, names);
        this.#note(
          path,
          `: there is no such property.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
        );
      }
    }
    return Object.fromEntries(found) as Properties<R>;
  }

  /** Returns whether this is an object that has the property, with or without a fault. */
  hasProperty(name: string): boolean {
    return typeof this.value === "object" && this.value !== null && Object.hasOwn(this.value, name);
  }

  #note(path: string, reason: string): void {
    this.#faults.push(`${path}${reason}${/[.?]$/.test(reason) ? "" : "."}`);
  }
}
