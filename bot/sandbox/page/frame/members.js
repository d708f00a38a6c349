// Who else is here: the members who can see a look's channel, under their highest role.

import { drawAvatar } from "../message/avatar.js";
import { h, icon, tint } from "../dom.js";
import { openMemberMenu } from "../controls/menus.js";

/** The members of a look's channel, or the two of a direct message. */
export function drawMembers(look) {
  const { world } = look;
  const channel = world.channelById(look.place), guild = world.guildOf(look.place);
  const groups = guild ? groupsOf(world.membersOf(channel), guild, world)
    : [["Here", [world.user(look.person)], 0]];
  return [
    ...groups.map(([name, people, color]) => drawGroup(name, people.filter(Boolean).map(
      (one) => drawMember(one, look, { color, isOwner: one.owns.includes(guild?.name) })))),
    drawGroup("Bot", [drawBot(look)]),
  ];
}

function groupsOf(people, guild, world) {
  const role = new Map(people.map((one) => [one, world.rolesOf(one.name, guild)[0]]));
  const roles = [...new Set(role.values())].filter(Boolean)
    .sort((one, other) => other.position - one.position);
  const groups = roles.map(
    (one) => [one.name, people.filter((who) => role.get(who) === one), one.color]);
  const rest = people.filter((who) => !role.get(who));
  return rest.length ? [...groups, ["Members", rest, 0]] : groups;
}

const drawGroup = (name, rows) => h("section", { "data-key": `group:${name}` },
  h("h2", {}, `${name} · ${rows.length}`), h("ul", {}, rows));

function drawMember(user, look, { color, isOwner }) {
  const open = (event) => openMemberMenu(event.currentTarget, user, look);
  // the role's colour is a bar: names stay ink, so that they can be read in every colour
  return h("li", { "data-key": user.id }, h("button", {
    type: "button", class: "member", "aria-haspopup": "menu", on: { click: open },
  }, drawAvatar(user), color > 0 && tint(h("span", { class: "role" }), color),
    h("bdi", { class: "name" }, user.name),
    isOwner && OWNER.cloneNode(true)));
}

const OWNER = h("span", { class: "owner", title: "Owns this server" },
  icon("owner"), h("span", { class: "unsaid" }, " (owner)"));

function drawBot(look) {
  const { bot } = look.world;
  const kind = bot.connected ? "member" : "member away";
  return h("li", { "data-key": "bot" }, h("span", { class: kind },
    drawAvatar({ ...bot, bot: true }), h("bdi", { class: "name" }, bot.name),
    h("span", { class: "app" }, "APP"),
    h("span", { class: "unsaid" }, bot.connected ? ", online" : ", offline")));
}
