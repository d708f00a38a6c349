// Components: what stands under a message, or is the message (version 2). The table names a drawer
// for each type that may stand there; what has none says so.

import { drawMosaic } from "./attachments.js";
import { drawButton, drawSelect } from "../controls/controls.js";
import { unsupportedComponent } from "../controls/unsupported.js";
import { h, tint } from "../dom.js";
import { drawFile, drawPicture, isPicture, ofMedia } from "./media.js";
import { text } from "../text/text.js";

const DRAWERS = {
  1: drawRow,
  2: drawButton,
  3: drawSelect,
  5: drawSelect,
  6: drawSelect,
  7: drawSelect,
  8: drawSelect,
  9: drawSection,
  10: drawText,
  11: drawThumbnail,
  12: drawGallery,
  13: drawFileOf,
  14: drawSeparator,
  17: drawContainer,
};

export function drawComponents(message, look) {
  if (!message.components.length) return null;
  return h("div", { class: "components", "data-key": "components" },
    drawEach(message.components, message, look));
}

const drawEach = (components, message, look) =>
  (components ?? []).map((one) => drawComponent(one, message, look));

function drawComponent(component, message, look) {
  const draw = DRAWERS[component?.type];
  return draw ? draw(component, message, look) : unsupportedComponent(component?.type);
}

function drawRow(row, message, look) {
  return h("div", { class: "row" }, drawEach(row.components, message, look));
}

function drawSection(section, message, look) {
  return h("div", { class: "section" },
    h("div", { class: "section-text" }, drawEach(section.components, message, look)),
    section.accessory
      && h("div", { class: "accessory" }, drawComponent(section.accessory, message, look)));
}

function drawText(display, message, look) {
  return h("div", { class: "text" }, text(display.content, look, message.id));
}

function drawThumbnail(thumbnail, message, look) {
  const one = ofMedia(thumbnail.media, thumbnail, message, thumbnail.id);
  return h("div", { class: "thumbnail" },
    isPicture(one) ? drawPicture(one, look) : drawFile(one, look));
}

function drawGallery(gallery, message, look) {
  const items = gallery.items.map((item, n) =>
    ofMedia(item.media, item, message, `${gallery.id}.${n}`));
  const pictures = items.filter(isPicture), others = items.filter((one) => !isPicture(one));
  return h("div", { class: "gallery" },
    pictures.length > 0 && drawMosaic(pictures, look), others.map((one) => drawFile(one, look)));
}

function drawFileOf(component, message, look) {
  const { file } = component;
  const { filename, size } = message.attachments.find((one) => one.id === file.attachment_id) ?? {};
  const said = { name: filename, size, ...component };
  return drawFile(ofMedia(file, said, message, component.id), look);
}

function drawSeparator({ divider, spacing }) {
  const room = spacing === 2 ? "separator large" : "separator";
  return divider === false ? h("div", { class: room }) : h("hr", { class: room });
}

function drawContainer(container, message, look) {
  const key = `${message.id}:${container.id}`;
  const covered = container.spoiler && !look.revealed.has(key);
  const frame = h("section", { class: covered ? "container covered" : "container" },
    h("div", { class: "inside", inert: covered }, drawEach(container.components, message, look)),
    covered && h("button", {
      type: "button", class: "cover", on: { click: () => look.reveal(key) },
    }, "Spoiler: show it"));
  return tint(frame, container.accent_color);
}
