import { CapturedStream } from "./fake_environment.ts";

const ESCAPE = "\x1b";
/** Escape sequences and single characters. */
const PARTS = new RegExp(`${ESCAPE}\\[\\d*[A-Z]|[^]`, "gu");
const CURSOR_UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

/** A simulated terminal. A line that is too long continues on the next one, also when the terminal becomes narrower. */
export class Screen {
  /** The rows, and whether each continues on the next one. */
  #rows: { text: string; continues: boolean }[] = [{ text: "", continues: false }];
  #columns: number;
  readonly #height: number;
  #row = 0;
  #column = 0;

  constructor(columns = 80, height = 24) {
    this.#columns = columns;
    this.#height = height;
  }

  /** A stream that writes to this screen. */
  stream(): CapturedStream {
    const stream = new CapturedStream();
    stream.isTerminal = true;
    stream.columns = () => this.#columns;
    stream.rows = () => this.#height;
    const write = stream.write.bind(stream);
    stream.write = (text) => {
      for (const [part] of text.matchAll(PARTS)) this.#put(part);
      write(text);
    };
    return stream;
  }

  /** The lines that are not blank, without blanks at their end. */
  get text(): string[] {
    return this.#rows.map(({ text }) => text.trimEnd()).filter((line) => line !== "");
  }

  /** Gives the terminal another width. Lines are broken anew, as Windows Terminal does it. */
  resize(columns: number): void {
    this.#columns = columns;
    const lines: string[] = [];
    let isOpen = false;
    for (const { text, continues } of this.#rows) {
      if (isOpen) lines.push(lines.pop()! + text);
      else lines.push(text);
      isOpen = continues;
    }
    this.#rows = lines.flatMap((line) => {
      const parts = line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""];
      return parts.map((text, index) => ({ text, continues: index < parts.length - 1 }));
    });
    this.#row = this.#rows.length - 1;
    this.#column = this.#rows[this.#row].text.length;
  }

  #put(part: string): void {
    const up = CURSOR_UP.exec(part);
    if (part === "\r") this.#column = 0;
    else if (part === "\n") this.#startRow(false);
    else if (up !== null) this.#row = Math.max(0, this.#row - Number(up[1]));
    else if (part === `${ESCAPE}[J`) this.#eraseToEnd();
    else if (part.startsWith(ESCAPE)) throw new Error(`unknown escape sequence ${JSON.stringify(part)}`);
    else {
      if (this.#column === this.#columns) this.#startRow(true);
      const row = this.#rows[this.#row];
      row.text = row.text.padEnd(this.#column);
      row.text = row.text.slice(0, this.#column) + part + row.text.slice(this.#column + 1);
      this.#column++;
    }
  }

  #eraseToEnd(): void {
    this.#rows.length = this.#row + 1;
    this.#rows[this.#row] = { text: this.#rows[this.#row].text.slice(0, this.#column), continues: false };
  }

  #startRow(continues: boolean): void {
    this.#rows[this.#row].continues = continues;
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push({ text: "", continues: false });
  }
}
