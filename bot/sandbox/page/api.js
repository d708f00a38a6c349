// The people API, a function for each of its rows. What Discord's client would refuse is `Refused`,
// with the sentence to show; a sandbox that is gone is `Unreachable`.

export class Refused extends Error {}
export class Unreachable extends Error {}

const GONE = "the sandbox cannot be reached";

/** Everybody and everything there is: people, servers, channels, whether the bot is there. */
export const everything = () => get("/people");

/** What one person sees in a channel (`dm`: theirs with the bot), oldest first. */
export const sees = (who, channel, { limit = 100, before = null } = {}) =>
  get(`${of(who)}/sees?${query({ channel, limit, before })}`);

/** Where what one person sees can be heard live. */
export const streamOf = (who) => `${of(who)}/stream`;

/** The commands and menu entries that this person is offered in a channel, one for each path. */
export const commands = (who, channel) => get(`${of(who)}/commands?${query({ channel })}`);

/** Do something as somebody: `act` is slash, autocomplete, menu, press, choose, fill, react,
 *  delete, dismiss or say. Acts of commands and components answer
 *  `{interaction, answered, message, modal}` after the bot's first response or after 3 seconds. */
export const act = (who, deed, body) => send("POST", `${of(who)}/${deed}`, body);

/** Change a person: `{dms: "closed"}`, `{roles: […]}`, … */
export const change = (who, body) => send("PATCH", of(who), body);

/** Lay a file ready, to be named by its id in a command or a modal. */
export async function upload(who, channel, file) {
  const where = query({ channel, filename: file.name });
  return answered(await reach(`${of(who)}/upload?${where}`, { method: "POST", body: file }));
}

/** What weather holds, and a change of it. */
export const weather = () => get("/weather");
export const makeWeather = (body) => send("POST", "/weather", body);

/** Use a hand of whoever started this sandbox (`everything().hands` names them). */
export const useHand = (hand) => send("POST", "/hands", { hand });

const of = (who) => `/people/${encodeURIComponent(who)}`;

const query = (values) => new URLSearchParams(
  Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

const get = async (path) => answered(await reach(path));

const send = async (method, path, body) => answered(await reach(path, {
  method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

async function reach(path, request) {
  try {
    return await fetch(path, request);
  } catch {
    throw new Unreachable(GONE);
  }
}

async function answered(response) {
  let found;
  try {
    found = await response.json();
  } catch {
    if (response.ok) throw new Unreachable(GONE); // it went while it answered
    throw new Refused(response.statusText || `status ${response.status}`);
  }
  if (!response.ok) throw new Refused(found.error ?? response.statusText);
  return found;
}
