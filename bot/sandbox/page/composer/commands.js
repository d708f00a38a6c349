// The commands that one person is offered where they are, and how they are found by typing.

import * as api from "../api.js";
import { ATTACHMENT } from "./options.js";

const SLASH = 1;
const LEAST_ALIKE = 3; // so many first letters make a slip out of a name

export class Offered {
  #place = null; // where the last list was read; null when it must be read again
  #reading = null;

  constructor(look) {
    this.look = look;
    const forget = () => { this.#place = null; };
    look.addEventListener("moved", forget);
    look.world.addEventListener("changed", forget, { signal: look.ending });
  }

  /** The slash commands here, one for each path. Read again after the world changed. */
  async here() {
    const { person, place } = this.look;
    if (this.#place !== place) {
      this.#place = place;
      this.#reading = api.commands(person, place);
      this.#reading.catch(() => { this.#place = null; });
    }
    return (await this.#reading).filter((one) => one.type === SLASH);
  }
}

/** The commands that what was typed may mean: those that begin so, then those that hold it. */
export function matching(commands, typed) {
  const words = plain(typed);
  const begins = commands.filter((one) => one.name.startsWith(words));
  const holds = commands.filter((one) => !begins.includes(one) && one.name.includes(words));
  return [...begins, ...holds];
}

/**
 * The command whose whole name a line begins with: `{command, rest, spaced}`, or null. `spaced`:
 * a blank follows the name, so the name is done.
 */
export function named(commands, line) {
  const found = commands.map((command) => ({ command, head: head(command.name).exec(line) }))
    .filter((one) => one.head)
    .sort((one, other) => other.command.name.length - one.command.name.length)[0];
  if (!found) return null;
  const [all, blank] = found.head;
  return { command: found.command, rest: line.slice(all.length), spaced: blank.length > 0 };
}

/** What to say of a line that names none of these, with the one that it may mean. */
export function unknownInWords(commands, line) {
  let begun = plain(line), meant = null;
  for (; !meant && begun.length >= LEAST_ALIKE; begun = begun.slice(0, -1)) {
    meant = commands.find((one) => one.name.startsWith(begun));
  }
  const offer = meant ? `Is /${meant.name} meant? ` : "";
  return `No command here is called that, so nothing was sent. ${offer}`
    + "To send it as a message, put a blank before it";
}

/** The commands that take a file. */
export const takersOfFiles = (commands) =>
  commands.filter((one) => one.options.some(({ type }) => type === ATTACHMENT));

/** Whether a line asks for a command at all. */
export const isCommand = (line) => line.startsWith("/");

const plain = (typed) => typed.replace(/^\//, "").trimStart().replace(/\s+/g, " ").toLowerCase();

// a command's name at the beginning of a line; names hold no characters that a pattern reads
const head = (name) => new RegExp(`^/\\s*${name.split(" ").join("\\s+")}(\\s+|$)`, "iu");
