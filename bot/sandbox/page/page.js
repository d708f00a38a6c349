// The sandbox's page: be somebody, look where they can look, ask for a picture, press a button.
// It shows what the people API shows and does what the people API allows; it knows nothing else.
// Texts become text nodes: nothing that anybody typed is ever read as HTML.

const element = (id) => document.getElementById(id);
const here = { person: "ana", channel: "general", stream: null, names: new Map() };

async function call(path, body) {
  const answer = await fetch(path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ?? answer.statusText);
  return found;
}

function made(tag, text = "", attributes = {}) {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

async function act(deed) {
  element("refused").textContent = "";
  try {
    await deed();
  } catch (fault) {
    element("refused").textContent = fault.message;
  }
}

async function drawChannels() {
  const world = await call("/people");
  element("state").textContent = world.bot.connected
    ? "the bot is online" : "the bot is offline: start `darkroom demo`";
  here.names = new Map(world.users.map((user) => [user.id, user.name]));
  const people = element("person");
  if (!people.options.length) {
    for (const user of world.users) people.append(made("option", user.name));
    people.value = here.person;
  }
  const rows = [made("b", "Direct message"), channelButton("dm", "Darkroom")];
  for (const guild of world.guilds) {
    const seen = world.channels.filter(
      (one) => one.guild === guild.name && one.visible_to.includes(here.person));
    if (!seen.length) continue;
    rows.push(made("b", guild.name), ...seen.map((one) => channelButton(one.name, `#${one.name}`)));
  }
  element("channels").replaceChildren(...rows);
}

function channelButton(name, label) {
  const button = made("button", label, name === here.channel ? { "aria-current": "true" } : {});
  button.addEventListener("click", () => go(here.person, name));
  return button;
}

async function drawMessages() {
  const query = new URLSearchParams({ channel: here.channel });
  const seen = await call(`/people/${here.person}/sees?${query}`);
  const where = here.channel === "dm" ? "the DM with the bot" : `#${here.channel}`;
  element("title").textContent = `What ${here.person} sees in ${where}`;
  element("messages").replaceChildren(...seen.map(drawnMessage));
}

const EPHEMERAL = 64, LOADING = 128, BUTTON = 2;

function drawnMessage(message) {
  const row = made("li");
  const alone = message.flags & EPHEMERAL;
  if (alone) row.className = "alone";
  row.append(made("b", message.author.name));
  if (alone) row.append(made("small", " · only you can see this"));
  row.append(made("p", message.flags & LOADING ? "thinking …" : plain(message.content)));
  for (const file of message.attachments) {
    row.append(made("img", "", { src: file.url, alt: file.description || file.filename }));
  }
  const buttons = message.components.flatMap((line) => line.components ?? [])
    .filter((one) => one.type === BUTTON && one.custom_id);
  if (buttons.length) {
    const line = made("div");
    line.append(...buttons.map((one) => pressable(message, one)));
    row.append(line);
  }
  return row;
}

function pressable(message, component) {
  const button = made("button", `${component.emoji?.name ?? ""} ${component.label ?? ""}`.trim());
  button.disabled = Boolean(component.disabled);
  button.addEventListener("click", () => act(() => call(`/people/${here.person}/press`, {
    channel: message.channel, message: message.id, custom_id: component.custom_id,
  })));
  return button;
}

// Discord's markdown as far as the bot uses it: bold marks and backslashes fall away.
const plain = (text) => text
  .replace(/(?<!\\)<@(\d+)>/g, (_, id) => `@${here.names.get(id) ?? id}`)
  .replace(/\*\*/g, "")
  .replace(/\\(.)/g, "$1");

function listen() {
  here.stream?.close();
  const stream = new WebSocket(`ws://${location.host}/people/${here.person}/stream`);
  stream.addEventListener("message", (frame) => {
    drawMessages();
    if (["world", "hello"].includes(JSON.parse(frame.data).event)) drawChannels();
  });
  stream.addEventListener("close", () => {
    if (stream !== here.stream) return;
    element("state").textContent = "the connection was lost; trying again …";
    setTimeout(listen, 1000);
  });
  here.stream = stream;
}

function go(person, channel) {
  const moved = person !== here.person;
  Object.assign(here, { person, channel });
  if (moved) listen();
  act(async () => { await drawChannels(); await drawMessages(); });
}

element("person").addEventListener("change", (event) => go(event.target.value, here.channel));
element("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const options = { prompt: element("prompt").value };
  if (element("visibility").value) options.visibility = element("visibility").value;
  act(() => call(`/people/${here.person}/slash`, {
    channel: here.channel, command: "imagine", options,
  }));
});
listen();
go(here.person, here.channel);
