// The list of commands above what one types: all of them at "/", fewer with each letter.

import { isCommand, matching, named } from "./commands.js";

const LABEL = "Commands";

export class Finder {
  constructor(look, input, list, offered) {
    Object.assign(this, { look, input, list, offered });
  }

  /**
   * Show what the line may mean; `pick(command)` is called for the one that is picked. Answers
   * `{command, rest}` as soon as the line names one and goes on. `isStill()`: whether anybody still
   * wants to know.
   */
  async find(isStill, pick) {
    let commands;
    try {
      commands = await this.offered.here();
    } catch (fault) {
      this.list.say(this.input, `The commands cannot be read: ${fault.message}`, { label: LABEL });
      return null;
    }
    const line = this.input.value;
    const found = isCommand(line) && isStill() ? named(commands, line) : null;
    if (!isStill() || !isCommand(line) || found?.spaced) {
      this.list.hide();
      return found;
    }
    const note = commands.length ? "No command that you are offered here is called that"
      : `${this.look.world.bot.name} offers no commands here now`;
    this.offer(matching(commands, line), pick, { note });
    return null;
  }

  /** Show these commands, to pick one. */
  offer(commands, pick, { label = LABEL, note = "" } = {}) {
    const group = this.look.world.bot.name;
    const entries = commands.map((command) => ({
      name: `/${command.name}`, detail: command.description, group, command,
    }));
    this.list.show(this.input, entries, {
      label, first: true, note: entries.length ? "" : note, pick: (entry) => pick(entry.command),
    });
  }
}
