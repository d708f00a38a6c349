// Who and what there is where somebody looks, and what they may do there, as the sandbox told it.

/** Whether this person may write here; in a direct message always. */
export function mayWriteHere({ world, person, place }) {
  return world.channelById(place)?.writable_by.includes(person) ?? true;
}

/** Whether this person may delete the messages of others here. */
export function moderatesHere({ world, person, place }) {
  return world.channelById(place)?.moderated_by.includes(person) ?? false;
}

/** The members of this server, or the two of a direct message: `{id, name, display_name}`. */
export function peopleHere({ world, person, place }) {
  const guild = world.guildOf(place);
  if (!guild) return [world.user(person), world.bot];
  const members = world.users.filter((one) => guild.name in one.guilds);
  return guild.bot ? [...members, world.bot] : members;
}

/** The roles of this server, `@everyone` among them. */
export const rolesHere = ({ world, place }) => world.guildOf(place)?.roles ?? [];

/** The channels of this server that this person can see, of these types or of all. */
export function channelsHere({ world, person, place }, types = []) {
  const guild = world.guildOf(place)?.name;
  return world.channelsOf(person).filter(
    (one) => one.guild === guild && (!types.length || types.includes(one.type)));
}
