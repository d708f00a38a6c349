// One message as its reader sees it: who wrote it and when, what it answers, what stands in it.

import { drawAttachments } from "./attachments.js";
import { drawAvatar } from "./avatar.js";
import { drawComponents } from "./components.js";
import { drawEmbeds } from "./embeds.js";
import { h, icon, tint } from "../dom.js";
import { has, IS_COMPONENTS_V2, isEphemeral, LOADING, SUPPRESS_EMBEDS } from "../look/flags.js";
import { later } from "../look/marks.js";
import { drawFailure } from "../controls/controls.js";
import { onContextMenu, toolbar } from "../controls/menus.js";
import { drawReactions } from "../controls/reactions.js";
import { jumpTo } from "../text/jump.js";
import { plain, text } from "../text/text.js";
import { clock, full } from "../text/times.js";

/** A message as a list item. `follows`: the one above is by the same author, so no heading. */
export function drawMessage(message, look, { follows = false } = {}) {
  return h("li", {
    class: classesOf(message, look, follows), role: "article", tabindex: "-1",
    "data-key": message.id,
    "aria-label": `${message.author.name}, ${clock(Date.parse(message.sent_at))}`,
    on: { contextmenu: (event) => onContextMenu(event, message, look) },
  },
    drawReplied(message, look), drawAsked(message),
    follows ? drawTime(message) : [drawAvatar(message.author), drawHeading(message, look)],
    h("div", { class: "said", "data-key": "said" },
      has(message, LOADING) ? drawThinking(message) : drawContent(message, look),
      drawReactions(message, look), drawFailure(message, look),
      isEphemeral(message) && drawDismissal(message, look)),
    toolbar(message, look));
}

function classesOf(message, look, follows) {
  const alone = isEphemeral(message), meant = look.means(message);
  return ["message", follows && "follows", alone && "alone", meant && "meant"]
    .filter(Boolean).join(" ");
}

// -- above the text -------------------------------------------------------------------------------

function drawHeading(message, look) {
  const { author } = message;
  return h("header", { "data-key": "heading" },
    drawRole(message, look),
    h("b", { class: "author" }, h("bdi", {}, author.name)),
    author.bot && h("span", { class: "app", title: "A bot, not a person" }, "APP"),
    drawTime(message));
}

/** A dot in the colour of the author's highest role: coloured text could not always be read. */
function drawRole(message, look) {
  const { world } = look;
  const role = world.rolesOf(message.author.name, world.guildOf(message.channel))
    .find((one) => one.color);
  return role && tint(h("span", { class: "role-dot", title: role.name }), role.color);
}

function drawTime(message) {
  const at = Date.parse(message.sent_at);
  return h("time", {
    class: "sent", datetime: message.sent_at, title: full(at), "data-key": "time",
  }, clock(at));
}

function drawReplied(message, look) {
  if (!message.reply_to) return null;
  const original = look.message(message.reply_to);
  return h("div", { class: "before", "data-key": "replied" }, icon("reply"),
    original ? drawOriginal(original, look) : h("i", {}, missing(message.reply_to, look)));
}

/** What is not there is gone, unless it stands before what was read so far. */
function missing(id, look) {
  const isBefore = !look.isWhole && later(look.messages[0].id, id);
  return isBefore ? "original message is further up" : "original message is gone";
}

function drawOriginal(original, look) {
  const { id, author, content } = original;
  const go = (event) => jumpTo({ place: look.place, id }, look, event.currentTarget);
  return h("button", {
    type: "button", class: "quiet", "aria-label": `Reply to ${author.name}, go there`,
    on: { click: go },
  }, h("b", {}, author.name), " ", plain(content, look) || "a message without words");
}

const drawAsked = ({ asked }) => asked && h("p", { class: "before", "data-key": "asked" },
  icon("reply"),
  h("span", {}, h("b", {}, asked.by), " used ", h("code", {}, typed(asked.command))));

/** A command as one typed it; the name of an entry in a menu may hold capitals, a command's not. */
const typed = (name) => (name === name.toLowerCase() ? `/${name}` : name);

// -- in it ----------------------------------------------------------------------------------------

function drawContent(message, look) {
  const isV2 = has(message, IS_COMPONENTS_V2);
  return [
    !isV2 && drawText(message, look),
    !isV2 && drawAttachments(message, look),
    !isV2 && !has(message, SUPPRESS_EMBEDS) && drawEmbeds(message, look),
    drawComponents(message, look),
  ];
}

function drawText(message, look) {
  if (!message.content && !message.edited_at) return null;
  return h("div", { class: "text", "data-key": "text" },
    text(message.content, look, message.id), message.edited_at && drawEdited(message));
}

function drawEdited({ edited_at }) {
  const at = full(Date.parse(edited_at));
  return h("time", { class: "edited", datetime: edited_at, title: at }, "(edited)");
}

function drawThinking(message) {
  return h("p", { class: "thinking", "data-key": "thinking" },
    `${message.author.name} is thinking`,
    h("span", { class: "dots", "aria-hidden": "true" }, [1, 2, 3].map(() => h("i", {}, "."))));
}

function drawDismissal(message, look) {
  const dismiss = () => look.act("dismiss", { message: message.id });
  return h("p", { class: "dismissal", "data-key": "dismissal" },
    icon("eye"), "Only you can see this · ",
    h("button", { type: "button", class: "quiet", on: { click: dismiss } }, "Dismiss message"));
}
