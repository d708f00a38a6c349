// Discord's markdown, read into a tree. Pure: no element, no person, no clock.
//
// A tree is a list of texts and nodes `{kind, …}`:
//   bold italic underline strike spoiler small quote {children} · heading {level, children}
//   link {href, children} · list {start or null, items: trees} · user role channel {id}
//   command {path} · emoji everyone {name} · time {ms, style} · code {words}
//   block {language, words}
//
// Unclosed marks stay text. Each character is looked at a fixed number of times.

import { Delimiters } from "./delimiters.js";
import { DEEPEST, lineAt, startsLine } from "./lines.js";

/** Read a text. */
export const parse = (source) => read(source, { depth: 0, quoted: false, linked: false });

const read = (source, rules) => new Reader(source, rules).read(0, source.length, rules);

const MARKS = {
  "*": "italic", "_": "italic", "**": "bold", "__": "underline", "~~": "strike", "||": "spoiler",
};
const BLOCKS = new Set(["heading", "small", "quote", "list", "block"]);
const WORDS = /\n|[^][^*_~|[<hH@\n\\`¯]*/y; // what means nothing here, and plain words after it
const POINTED = new RegExp([
  "<(?:@!?(?<user>\\d{1,20})", "@&(?<role>\\d{1,20})", "#(?<channel>\\d{1,20})",
  "/(?<path>[^:<>\\n]{1,100}):\\d{1,20}", "a?:(?<emoji>\\w{1,32}):\\d{1,20}",
  "t:(?<seconds>-?\\d{1,13})(?::(?<style>[tTdDfFR]))?", "(?<href>https?://[^\\s<>]+))>",
].join("|"), "y");
const EVERYONE = /@(everyone|here)\b/y;
const BARE = /https?:\/\/(?:(?!\]\()[^\s<])+/iy;
const ADDRESS = /https?:\/\/(?:[^\s()<>]|\([^\s()<>]*\))+/.source;
const TARGET = new RegExp(`\\(\\s*<?(${ADDRESS})>?(?:\\s+(?:"[^"]*"|'[^']*'))?\\s*\\)`, "iy");
const NAMES_A_SCHEME = /:\/\/|\b(?:javascript|data|vbscript|file|blob|mailto):/i;
const LAST_MOMENT_MS = 8.64e15;

class Reader {
  constructor(source, rules) {
    this.source = source;
    this.delimiters = new Delimiters(source, rules);
  }

  /** The tree of what stands from `from` to `to`. */
  read(from, to, rules) {
    const tree = [];
    for (let at = from; at < to;) {
      const found = this.#line(at, to, rules) ?? this.#token(at, to, rules) ?? this.#words(at, to);
      if (typeof found.node === "string" && typeof tree.at(-1) === "string") {
        tree.push(tree.pop() + found.node);
      } else tree.push(found.node);
      at = found.end;
      if (BLOCKS.has(found.node.kind) && this.source[at] === "\n") at += 1;
    }
    return tree;
  }

  #words(at, to) {
    WORDS.lastIndex = at;
    WORDS.exec(this.source);
    const end = Math.min(WORDS.lastIndex, to);
    return { end, node: this.source.slice(at, end) };
  }

  #line(at, to, rules) {
    if (rules.linked || !startsLine(this.source, at)) return null;
    const line = lineAt(this.source, at, to, rules);
    if (!line) return null;
    return { end: line.end, node: this.#block(line, { ...rules, depth: rules.depth + 1 }) };
  }

  #block({ kind, start, items, words, level, from, to }, rules) {
    if (kind === "list") return { kind, start, items: items.map((item) => read(item, rules)) };
    if (kind === "quote") return { kind, children: read(words, { ...rules, quoted: true }) };
    return { kind, ...(level && { level }), children: this.read(from, to, rules) };
  }

  #token(at, to, rules) {
    const fixed = this.delimiters.fixed.get(at);
    if (fixed) return fixed;
    switch (this.source[at]) {
      case "*": case "_": case "~": case "|": return this.#marked(at, to, rules);
      case "[": return rules.linked ? null : this.#masked(at, to, rules);
      case "<": return this.#pointed(at, to, rules);
      case "h": case "H": return rules.linked ? null : this.#bare(at, to);
      case "@": return this.#everyone(at, to);
      default: return null;
    }
  }

  #marked(at, to, rules) {
    const found = rules.depth < DEEPEST ? this.delimiters.enclosed(at, to) : null;
    if (!found) return null;
    const kind = MARKS[found.mark];
    if (kind === "spoiler" && rules.linked) return null; // a button has no place in a link
    const children = this.read(found.from, found.to, { ...rules, depth: rules.depth + 1 });
    return { end: found.end, node: { kind, children } };
  }

  /** `[words](address)`; words that look like an address themselves could lie about it. */
  #masked(at, to, rules) {
    const close = this.delimiters.bracket(at, to);
    const target = close < 0 ? null : this.#match(TARGET, close + 1, to);
    if (!target) return null;
    const words = this.source.slice(at + 1, close).normalize("NFKC").replace(/\p{Cf}/gu, "").trim();
    if (!words || NAMES_A_SCHEME.test(words) || !URL.canParse(target[1])) return null;
    const children = this.read(at + 1, close, { ...rules, depth: rules.depth + 1, linked: true });
    return { end: TARGET.lastIndex, node: { kind: "link", href: target[1], children } };
  }

  #bare(at, to) {
    BARE.lastIndex = 0; // on a copy, for else each address of many would be read to the last one
    const found = BARE.exec(this.source.slice(at, to));
    if (!found) return null;
    const href = withoutEnd(found[0]);
    return { end: at + href.length, node: URL.canParse(href) ? shownLink(href) : href };
  }

  /** What stands in angle brackets: mentions, moments, emoji, addresses. */
  #pointed(at, to, { linked }) {
    const given = this.#match(POINTED, at, to)?.groups;
    if (!given) return null;
    const node = pointedAt(given);
    const mayStand = node && (!linked || ["emoji", "time"].includes(node.kind));
    return mayStand ? { end: POINTED.lastIndex, node } : null;
  }

  #everyone(at, to) {
    const found = this.#match(EVERYONE, at, to);
    return found && { end: EVERYONE.lastIndex, node: { kind: "everyone", name: found[1] } };
  }

  #match(pattern, at, to) {
    pattern.lastIndex = at;
    const found = pattern.exec(this.source);
    return found && pattern.lastIndex <= to ? found : null;
  }
}

function pointedAt({ user, role, channel, path, emoji, seconds, style, href }) {
  if (user) return { kind: "user", id: user };
  if (role) return { kind: "role", id: role };
  if (channel) return { kind: "channel", id: channel };
  if (path) return { kind: "command", path };
  if (emoji) return { kind: "emoji", name: emoji };
  if (href) return URL.canParse(href) ? shownLink(href) : null;
  const ms = Number(seconds) * 1000;
  return Math.abs(ms) <= LAST_MOMENT_MS ? { kind: "time", ms, style: style ?? "f" } : null;
}

/** A link that shows its address; what turns or hides letters shows as what it is. */
const shownLink = (href) =>
  ({ kind: "link", href, children: [href.replace(/\p{Cf}/gu, encodeURIComponent)] });

/** An address without what more likely ends the sentence around it. */
function withoutEnd(address) {
  let end = address.length;
  let unopened = count(address, ")") - count(address, "(");
  while (".,:;\"'])".includes(address[end - 1])) {
    if (address[end - 1] === ")" && unopened-- <= 0) break;
    end -= 1;
  }
  return address.slice(0, end);
}

const count = (words, char) => words.split(char).length - 1;
