// What a person can do with a message or a member: react, reply, copy, delete, and the bot's apps.

import * as api from "../api.js";
import { h, icon } from "../dom.js";
import { openMenu } from "./menu.js";
import { isEphemeral } from "../look/flags.js";
import { moderatesHere } from "../look/here.js";
import { openPicker } from "./reactions.js";

const FOR_USERS = 2, FOR_MESSAGES = 3;

/** The few buttons over a message that is pointed at or has the focus; arrows go between them. */
export function toolbar(message, look) {
  const isAlone = isEphemeral(message);
  const button = (drawing, name, click, first = false) => h("button", {
    type: "button", class: "quiet", "aria-label": name, title: name, tabindex: first ? "0" : "-1",
    "data-key": drawing, on: { click, keydown: goAlong },
  }, icon(drawing));
  const said = { class: "message-tools", role: "toolbar", "aria-label": "Message actions" };
  const tools = h("div", said,
    !isAlone && button("react", "React", (event) => openPicker(event.currentTarget, message, look)),
    !isAlone && button("reply", "Reply", () => say("reply", message, look)),
    button("more", "More", (event) => openMessageMenu(event.currentTarget, message, look), true));
  return h("div", { class: "message-tools-place", "data-key": "tools" }, tools);
}

function goAlong(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...event.currentTarget.parentNode.children];
  all.at((all.indexOf(event.currentTarget) + step) % all.length).focus();
}

/** The handler for a right click, a long press or the menu key anywhere on a message. */
export function onContextMenu(event, message, look) {
  if (event.target.closest(".text a, input, textarea")) return; // the browser's own is of more use
  event.preventDefault();
  const { clientX: left, clientY: top, currentTarget } = event;
  openMessageMenu(currentTarget, message, look, { at: { left, top } });
}

function openMessageMenu(anchor, message, look, { at = null } = {}) {
  const entries = entriesFor(anchor, message, look);
  const more = isEphemeral(message) ? null : appsFor(FOR_MESSAGES, message.id, look);
  openMenu(anchor, `Message of ${message.author.name}`, entries, { at, more });
}

function entriesFor(anchor, message, look) {
  const about = { message: message.id };
  const copy = { label: "Copy text", icon: "copy", run: () => copyText(message, look) };
  if (isEphemeral(message)) {
    return [copy, { label: "Dismiss", icon: "close", run: () => look.act("dismiss", about) }];
  }
  return [
    { label: "React", icon: "react", run: () => openPicker(anchor, message, look) },
    { label: "Reply", icon: "reply", run: () => say("reply", message, look) },
    copy,
    mayDelete(message, look) && {
      label: "Delete message", icon: "trash", danger: true, run: () => look.act("delete", about),
    },
  ].filter(Boolean);
}

const mayDelete = (message, look) => message.author.name === look.person
  || moderatesHere(look);

async function copyText(message, look) {
  try {
    await navigator.clipboard.writeText(message.content);
  } catch {
    look.tell("This browser does not let the page copy.");
  }
}

/** Open the menu of a member. */
export function openMemberMenu(anchor, user, look) {
  const more = appsFor(FOR_USERS, user.id, look);
  const entries = [{ label: "Mention", icon: "at", run: () => say("mention", user, look) }];
  openMenu(anchor, user.name, entries, { more });
}

/** Tell the composer of this look. */
const say = (what, detail, look) => look.dispatchEvent(new CustomEvent(what, { detail }));

/** The bot's entries of this kind, as this person is offered them here. */
function appsFor(type, target, look) {
  const use = (name) => ({
    label: name, icon: "app", run: () => look.act("menu", { command: name, target }),
  });
  const entries = api.commands(look.person, look.place).then(
    (found) => found.filter((one) => one.type === type).map(({ name }) => use(name)),
    (fault) => { look.tell(fault.message); return []; });
  return { heading: "Apps", entries };
}
