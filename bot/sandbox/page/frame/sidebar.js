// Where one can go: the direct message with the bot, and each server with the channels that this
// person can see. Unread marks are of this person alone.

import { drawAvatar } from "../message/avatar.js";
import { h, icon } from "../dom.js";
import { DM } from "../look/world.js";

const THREADS = [10, 11, 12];
const ICONS = { 2: "voice", 5: "news", 13: "voice" };

/** The channels of a look; `gone` is called after a place was chosen. */
export function drawSidebar(look, gone) {
  const { world, person } = look;
  const seen = world.channelsOf(person);
  const guilds = world.guilds.filter((guild) => seen.some((one) => one.guild === guild.name));
  return [
    h("ul", { class: "places", "data-key": DM }, drawPlace(look, {
      place: DM, name: world.bot.name, mark: drawAvatar({ ...world.bot, bot: true }), gone,
      hint: world.bot.connected ? "DM" : "offline",
    })),
    guilds.map((guild) => h("section", { "data-key": `guild:${guild.id}` },
      h("h2", {}, drawAvatar({ name: guild.name }), h("bdi", {}, guild.name)),
      drawChannels(look, seen.filter((one) => one.guild === guild.name), gone))),
  ];
}

function drawChannels(look, channels, gone) {
  const inside = (parent) => channels.filter((one) => (one.parent ?? null) === parent);
  const known = new Set(channels.map((one) => one.id));
  const top = channels.filter((one) => !one.parent || !known.has(one.parent));
  const draw = (channel) => [drawChannel(look, channel, gone), inside(channel.id).map(draw)];
  return h("ul", { class: "places" }, top.map(draw));
}

function drawChannel(look, channel, gone) {
  if (!channel.holds_messages) {
    return h("li", { class: "category", "data-key": channel.id }, channel.name);
  }
  const isThread = THREADS.includes(channel.type);
  return drawPlace(look, {
    place: channel.id, name: channel.name, gone, isThread,
    mark: icon(isThread ? "thread" : ICONS[channel.type] ?? "hash"),
    hint: channel.nsfw && !isThread ? "18+" : "",
  });
}

function drawPlace(look, { place, name, mark, hint, gone, isThread = false }) {
  const isHere = place === look.place;
  const { count, mentions } = isHere ? { count: 0, mentions: 0 } : look.unread(place);
  const kind = ["place", isThread && "thread", count && "unread"].filter(Boolean).join(" ");
  return h("li", { "data-key": place }, h("button", {
    type: "button", class: kind, "aria-current": isHere ? "page" : false,
    on: { click: () => { look.go(place); gone(); } },
  }, mark, h("bdi", { class: "name" }, name), hint && h("small", { class: "hint" }, hint),
    count > 0 && drawCount(count, mentions)));
}

const drawCount = (count, mentions) => (mentions
  ? h("span", { class: "count" }, mentions > 99 ? "99+" : mentions,
    h("span", { class: "unsaid" }, " unread for you"))
  : h("span", { class: "dot" }, h("span", { class: "unsaid" }, `${count} unread`)));
