// What people and the bot write, as elements. Nothing here loads anything: a picture's address is a
// link like any other, and a link is followed only by who presses it.

import { h, tint } from "../dom.js";
import { jumpTo, messageAt } from "./jump.js";
import { webLink } from "./links.js";
import { parse } from "./markdown.js";
import { full, keepAging, styled } from "./times.js";

const EMOJI = /\p{RGI_Emoji}/gv, MOST_LARGE = 27;
const ABOVE_HEADINGS = 2; // the page's own name, and the look's
const SHOWS_NOTHING = "(spoiler)";

/**
 * The nodes of a text in Discord's markdown. `key` (a message's id) parts the spoilers of one text
 * from the same words elsewhere; its spoilers close again when an edit changes what is in them.
 */
export function text(source, look, key = "") {
  const size = isOnlyEmoji(source) ? "words large" : "words";
  return [h("span", { class: size }, draw(parse(source), { look, key }))];
}

/** Whether a text is a few emojis and nothing else. */
function isOnlyEmoji(source) {
  const count = source.match(EMOJI)?.length ?? 0; // one pattern for all of it could take for ever
  return count > 0 && count <= MOST_LARGE && !source.replace(EMOJI, "").trim();
}

/** A text on one line and without marks: for previews and labels. Spoilers stay closed. */
export const plain = (source, look) => told(parse(source), look).replace(/\s+/g, " ").trim();

// -- elements -------------------------------------------------------------------------------------

const draw = (tree, where) =>
  tree.map((node) => typeof node === "string" ? node : DRAWN[node.kind](node, where));

const element = (tag) => ({ children }, where) => h(tag, {}, draw(children, where));

const DRAWN = {
  bold: element("strong"), italic: element("em"), underline: element("u"), strike: element("s"),
  quote: element("blockquote"), small: element("small"),
  heading: (node, where) => element(`h${ABOVE_HEADINGS + node.level}`)(node, where),
  list: ({ start, items }, where) => h(start === null ? "ul" : "ol", { start },
    items.map((item) => h("li", {}, draw(item, where)))),
  code: ({ words }) => h("code", {}, words),
  block: ({ words }) => h("pre", {}, h("code", {}, words)),
  link: drawLink, spoiler: drawSpoiler, time: drawTime,
  user: drawUser, role: drawRole, channel: drawChannel, command: drawCommand,
  everyone: ({ name }) => h("span", { class: "mention you" }, `@${name}`),
  emoji: ({ name }) => `:${name}:`,
};

function drawLink(node, where) {
  const { href: address } = new URL(node.href);
  const message = messageAt(address);
  if (message) return drawJump(message, node, where.look);
  return webLink(address, { title: address }, draw(node.children, where));
}

function drawJump(message, node, look) {
  const words = toldLink(node, look);
  if (!mayGo(message.place, look)) return drawMention(words, false);
  const go = (event) => jumpTo(message, look, event.currentTarget);
  return h("button", { type: "button", class: "mention", on: { click: go } }, h("bdi", {}, words));
}

function drawSpoiler({ children }, where) {
  const { look } = where;
  const words = told(children, look, { spoilers: true });
  const key = `${where.key}:spoiler:${words}`;
  if (look.revealed.has(key)) {
    return h("span", { class: "spoiler open", tabindex: "-1" }, draw(children, where));
  }
  const reveal = (event) => {
    event.currentTarget.parentElement.focus(); // the button goes; who pressed it stays here
    look.reveal(key);
  };
  return h("span", { class: "spoiler", tabindex: "-1" },
    h("button", { type: "button", "aria-label": "Show spoiler", on: { click: reveal } },
      h("span", { inert: true, "aria-hidden": "true" }, words)));
}

function drawTime({ ms, style }, { look }) {
  const age = style === "R";
  if (age) keepAging(look.world);
  return h("time", {
    class: "moment", datetime: new Date(ms).toISOString(), title: full(ms), "data-age": age,
  }, styled(ms, style, look.world.now()));
}

// -- mentions -------------------------------------------------------------------------------------

function drawUser(node, { look }) {
  const isYou = look.world.userById(node.id)?.name === look.person;
  return drawMention(told([node], look), isYou);
}

function drawRole(node, { look }) {
  const { world } = look;
  const role = world.roleById(node.id);
  const has = world.guilds.some((guild) => world.rolesOf(look.person, guild).includes(role));
  const drawn = drawMention(told([node], look), has);
  if (!role?.color) return drawn;
  drawn.classList.add("coloured");
  return tint(drawn, role.color);
}

function drawChannel(node, { look }) {
  const words = told([node], look);
  if (!mayGo(node.id, look)) return drawMention(words, false);
  return h("button", { type: "button", class: "mention", on: { click: () => look.go(node.id) } },
    h("bdi", {}, words));
}

/** A command that a press puts into this look's composer: it hears the event "command". */
function drawCommand({ path }) {
  const open = (event) => event.currentTarget.dispatchEvent(
    new CustomEvent("command", { bubbles: true, detail: { path } }));
  return h("button", { type: "button", class: "mention", on: { click: open } }, `/${path}`);
}

const drawMention = (words, isYou) =>
  h("span", { class: isYou ? "mention you" : "mention" }, h("bdi", {}, words));

// -- words ----------------------------------------------------------------------------------------

const told = (tree, look, { spoilers = false } = {}) =>
  tree.map((node) => typeof node === "string" ? node : TOLD[node.kind]?.(node, look, spoilers)
    ?? told(node.children, look, { spoilers })).join("");

const BREAK = "\n";

function toldLine({ children }, look, spoilers) {
  return told(children, look, { spoilers }) + BREAK;
}

const TOLD = {
  quote: toldLine, small: toldLine, heading: toldLine,
  list: ({ items }, look, spoilers) =>
    items.map((item) => told(item, look, { spoilers }) + BREAK).join(""),
  spoiler: ({ children }, look, spoilers) =>
    spoilers ? told(children, look, { spoilers }) : SHOWS_NOTHING,
  code: ({ words }) => words,
  block: ({ words }) => BREAK + words + BREAK,
  time: ({ ms, style }, look) => styled(ms, style, look.world.now()),
  user: ({ id }, look) => `@${look.world.userById(id)?.name ?? "unknown person"}`,
  role: ({ id }, look) => `@${look.world.roleById(id)?.name ?? "unknown role"}`,
  channel: ({ id }, look) => toldPlace(id, look),
  link: toldLink,
  command: ({ path }) => `/${path}`,
  everyone: ({ name }) => `@${name}`,
  emoji: ({ name }) => `:${name}:`,
};

function toldLink({ href, children }, look) {
  const message = messageAt(href);
  const isBare = children[0] === href;
  return message && isBare ? `${toldPlace(message.place, look)} › message` : told(children, look);
}

const toldPlace = (place, look) => mayGo(place, look) ? look.world.nameOf(place) : "#no access";

const mayGo = (place, look) => look.world.placesOf(look.person).includes(place);
