// What the beginning of a line makes of it: a heading, small text, a quote, a list.

const HEADING = / *(#{1,3}) +(?=\S)/y;
const SMALL = / *-# +(?=\S)/y;
const QUOTED = / *> /y;
const QUOTED_TO_THE_END = / *>>> /y;
const ITEM = /( *)(?:[-*]|(\d{1,9})\.) +(?=\S)/y;
const INDENTED = / {2,}(?=\S)/y;

export const DEEPEST = 12; // lists in lists, marks in marks

/**
 * What stands at the start of a line, in a text that ends at `to`; or null for plain words.
 * `rules`: {quoted, depth}. Gives {kind, end} and: heading and small {from, to}, quote {words},
 * list {start, items}.
 */
export function lineAt(source, at, to, rules) {
  const end = lineEnd(source, at, to);
  const heading = met(HEADING, source, at, end);
  const level = heading?.[1].length;
  if (heading) return { kind: "heading", level, from: HEADING.lastIndex, to: end, end };
  if (met(SMALL, source, at, end)) return { kind: "small", from: SMALL.lastIndex, to: end, end };
  return (rules.quoted ? null : quoteAt(source, at, to))
    ?? (rules.depth < DEEPEST ? listAt(source, at, to) : null);
}

export const startsLine = (source, at) => at === 0 || source[at - 1] === "\n";

function quoteAt(source, at, to) {
  if (met(QUOTED_TO_THE_END, source, at, to)) {
    return { kind: "quote", words: source.slice(QUOTED_TO_THE_END.lastIndex, to), end: to };
  }
  const lines = [];
  let end = at;
  for (let start = at; start < to && met(QUOTED, source, start, to); start = end + 1) {
    end = lineEnd(source, start, to);
    lines.push(source.slice(QUOTED.lastIndex, end));
  }
  return lines.length ? { kind: "quote", words: lines.join("\n"), end } : null;
}

/** Items of one kind, one below the other; what is indented further belongs to the item above. */
function listAt(source, at, to) {
  const first = met(ITEM, source, at, to);
  if (!first) return null;
  const [, { length: indent }, number] = first;
  const items = [];
  let end = at;
  for (let start = at; start < to; start = end + 1) {
    const stop = lineEnd(source, start, to);
    const item = met(ITEM, source, start, stop);
    if (item && item[1].length <= indent) {
      if (Boolean(item[2]) !== Boolean(number)) break;
      items.push([source.slice(ITEM.lastIndex, stop)]);
    } else if (item || met(INDENTED, source, start, stop)) {
      items.at(-1).push(dedented(source.slice(start, stop), indent + 2));
    } else break;
    end = stop;
  }
  const texts = items.map((one) => one.join("\n"));
  return { kind: "list", start: number ? Number(number) : null, items: texts, end };
}

function dedented(line, most) {
  const indent = line.search(/[^ ]|$/);
  return line.slice(Math.min(indent, most));
}

function lineEnd(source, at, to) {
  const found = source.indexOf("\n", at);
  return found < 0 ? to : Math.min(found, to);
}

function met(pattern, source, at, end) {
  pattern.lastIndex = at;
  const found = pattern.exec(source);
  return found && pattern.lastIndex <= end ? found : null;
}
