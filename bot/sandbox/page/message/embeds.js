// Embeds: the framed blocks under a message.

import { h, tint } from "../dom.js";
import { drawPicture, ofMedia, pathOf } from "./media.js";
import { webLink } from "../text/links.js";
import { text } from "../text/text.js";
import { day, full } from "../text/times.js";

const IN_A_ROW = 3;

export function drawEmbeds(message, look) {
  if (!message.embeds.length) return null;
  return h("div", { class: "embeds", "data-key": "embeds" },
    message.embeds.map((embed, n) => drawEmbed(embed, n, message, look)));
}

function drawEmbed(embed, n, message, look) {
  const words = (source) => text(source, look, message.id);
  const picture = (part) => embed[part]?.url
    && h("div", { class: `embed-${part}`, "data-key": part },
      drawPicture(ofMedia(embed[part], embed[part], message, `embed ${n} ${part}`), look));
  const frame = h("article", { class: "embed" },
    picture("thumbnail"),
    embed.author?.name && h("p", { class: "embed-author" }, small(embed.author.icon_url),
      linked(embed.author.url, h("bdi", {}, embed.author.name))),
    embed.title && h("p", { class: "embed-title" }, linked(embed.url, words(embed.title))),
    embed.description && h("div", { class: "text" }, words(embed.description)),
    embed.fields?.length > 0 && drawFields(embed.fields, words),
    picture("image"),
    drawFooter(embed));
  return tint(frame, embed.color);
}

function drawFields(fields, words) {
  return h("dl", { class: "embed-fields" }, inRows(fields).map((row) => row.map((field) =>
    h("div", { class: `field of-${row.length}` },
      h("dt", {}, words(field.name)), h("dd", { class: "text" }, words(field.value))))));
}

/** Fields row by row: up to three neighbours that are `inline`, or one alone. */
function inRows(fields) {
  const rows = [];
  for (const field of fields) {
    const last = rows.at(-1);
    if (field.inline && last?.[0].inline && last.length < IN_A_ROW) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

function drawFooter({ footer, timestamp }) {
  const at = timestamp ? Date.parse(timestamp) : NaN;
  if (!footer?.text && Number.isNaN(at)) return null;
  return h("p", { class: "embed-footer" }, small(footer?.icon_url),
    footer?.text && h("bdi", {}, footer.text),
    footer?.text && !Number.isNaN(at) && " · ",
    !Number.isNaN(at) && h("time", { datetime: timestamp, title: full(at) }, day(at)));
}

/** An icon beside a name, if it is this sandbox's own; it says nothing, so it may be left out. */
function small(url) {
  const path = pathOf(url);
  return path && h("img", { loading: "lazy", class: "embed-icon", alt: "", src: path });
}

const linked = (url, words) => webLink(url, {}, words) ?? words;
