// Where the marks of a text may close. It is read once, from left to right, before anything is
// parsed: so to ask where a mark closes is one step, and no line of marks can take long.

import { lineAt, startsLine } from "./lines.js";

const FENCE = "```";
const LANGUAGE = /([a-z0-9_+\-.#]+)\n+(?!\n|```)/iy;
const SHRUG = "¯\\_(ツ)_/¯";
const RUNS = "*_~|`";
const LETTER = /[\p{L}\p{N}]/u;

export class Delimiters {
  /** `fixed`: start -> {end, node}, what no mark reaches into: code and escaped characters. */
  fixed = new Map();
  #source;
  #runs = []; // {start, end, pair, odd}: pair and odd are the next run that may close
  #runAt; // each place -> which of the runs it is in, counted from 1
  #brackets = new Map(); // place of [ -> place of its ]
  #ticks; // length of a run of backticks -> where there are such runs, the last first

  constructor(source, rules) {
    this.#source = source;
    this.#runAt = new Uint32Array(source.length);
    this.#ticks = ticksOf(source);
    this.#read(rules);
    this.#link();
  }

  /** Where the bracket that opens at `at` closes, before `to`; or -1. */
  bracket(at, to) {
    const close = this.#brackets.get(at) ?? -1;
    return close < to ? close : -1;
  }

  /** What a mark at `at` encloses when its text ends at `to`: `{mark, from, to, end}`, or null. */
  enclosed(at, to) {
    const mark = this.#source[at];
    const run = this.#runs[this.#runAt[at] - 1];
    if (!run) return null;
    const left = Math.min(run.end, to) - at;
    const double = left >= 2 ? this.#double(mark, run, at, to) : null;
    const single = left % 2 === 1 && "*_".includes(mark) ? this.#single(mark, run, at, to) : null;
    return single && !(double?.end > single.end) ? single : double;
  }

  #double(mark, run, at, to) {
    const closing = run.pair;
    const stars = "*_".includes(mark);
    const last = closing && Math.min(closing.end, to);
    if (!closing || last - closing.start < 2) return null;
    const close = stars ? last - 2 : closing.start; // of ***, the inner one is the single
    return { mark: mark + mark, from: at + 2, to: close, end: close + 2 };
  }

  #single(mark, run, at, to) {
    const closing = run.odd;
    if (!closing || closing.start >= to || !this.#opens(mark, run, at)) return null;
    const last = Math.min(closing.end, to);
    const long = last - closing.start;
    if (long % 2 === 0 || (long === 1 && isBlank(this.#source[closing.start - 1]))) return null;
    return { mark, from: at + 1, to: last - 1, end: last };
  }

  #opens(mark, run, at) {
    const isInWord = mark === "_" && at === run.start && isLetter(this.#source[at - 1]);
    return !isInWord && !isBlank(this.#source[at + 1]);
  }

  // -- reading -----------------------------------------------------------------------------------

  #read(rules) {
    const source = this.#source;
    const open = [];
    let line = 0; // where the heading, quote or list ends in which this place stands
    for (let at = 0; at < source.length;) {
      if (at >= line && startsLine(source, at)) {
        line = lineAt(source, at, source.length, rules)?.end ?? 0;
      }
      const fixed = escapeAt(source, at) ?? this.#code(at, line || source.length);
      if (fixed) this.fixed.set(at, fixed);
      else if (source[at] === "[") open.push(at);
      else if (source[at] === "]" && open.length) this.#brackets.set(open.pop(), at);
      at = fixed?.end ?? (RUNS.includes(source[at]) ? this.#run(at) : at + 1);
    }
  }

  #run(start) {
    const mark = this.#source[start];
    let end = start;
    while (this.#source[end] === mark) end += 1;
    this.#runs.push({ start, end, pair: null, odd: null });
    this.#runAt.fill(this.#runs.length, start, end);
    return end;
  }

  /** Tell each run which later ones of its mark may close what it opens. */
  #link() {
    const pair = {}, odd = {};
    for (const run of this.#runs.toReversed()) {
      const mark = this.#source[run.start], long = run.end - run.start;
      run.pair = pair[mark] ?? null;
      run.odd = odd[mark] ?? null;
      if (long >= 2) pair[mark] = run;
      if (long % 2 === 1 && !this.#isInWord(mark, run)) odd[mark] = run;
    }
  }

  #isInWord(mark, { start, end }) {
    return mark === "_" && isLetter(this.#source[start - 1]) && isLetter(this.#source[end]);
  }

  #code(at, wall) {
    if (this.#source[at] !== "`") return null;
    return this.#block(at, wall) ?? this.#span(at, wall);
  }

  #block(at, wall) {
    const source = this.#source;
    if (!source.startsWith(FENCE, at)) return null;
    LANGUAGE.lastIndex = at + FENCE.length;
    const language = LANGUAGE.exec(source)?.[1] ?? null;
    let from = language ? LANGUAGE.lastIndex : at + FENCE.length;
    while (source[from] === "\n") from += 1;
    const close = source.indexOf(FENCE, from + 1);
    if (close < 0 || close >= wall) return null;
    const words = source.slice(from, close).trimEnd();
    return words ? { end: close + FENCE.length, node: { kind: "block", language, words } } : null;
  }

  #span(at, wall) {
    const source = this.#source;
    let from = at;
    while (source[from] === "`") from += 1;
    const places = this.#ticks.get(from - at) ?? [];
    while (places.length && places.at(-1) < from) places.pop();
    const close = places.at(-1);
    if (close === undefined || close >= wall) return null;
    const words = source.slice(from, close).replace(/^ (?=`)|(?<=`) $/g, "");
    return { end: close + from - at, node: { kind: "code", words } };
  }
}

/** A backslash takes the meaning of what follows it; the shrug keeps its arm. */
function escapeAt(source, at) {
  if (source.startsWith(SHRUG, at)) return { end: at + SHRUG.length, node: SHRUG };
  const char = String.fromCodePoint(source.codePointAt(at + 1) ?? 0);
  if (source[at] !== "\\" || /[\p{L}\p{N}\s\0]/u.test(char)) return null;
  return { end: at + 1 + char.length, node: char };
}

function ticksOf(source) {
  const found = new Map();
  for (const { 0: run, index } of [...source.matchAll(/`+/g)].reverse()) {
    if (!found.has(run.length)) found.set(run.length, []);
    found.get(run.length).push(index);
  }
  return found;
}

const isBlank = (char) => char === undefined || /\s/.test(char);
const isLetter = (char) => char !== undefined && LETTER.test(char);
