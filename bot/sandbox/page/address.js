// What the page shows stands in its address: who looks, where, and who looks beside them. So each
// person can have a tab of their own, and a reload shows the same.
//
//   /?as=pia&in=dm&beside=mod&there=general

/** `{looks: [{person, channel}, …], tour}`: one look or two. */
export function read(search = location.search) {
  const given = new URLSearchParams(search);
  const looks = [{ person: given.get("as") ?? "ana", channel: given.get("in") ?? "general" }];
  if (given.get("beside")) {
    looks.push({ person: given.get("beside"), channel: given.get("there") ?? "general" });
  }
  return { looks, tour: given.has("tour") };
}

/** The address at which these looks stand. */
export function to(looks, { tour = false } = {}) {
  const [first, second] = looks;
  const given = new URLSearchParams({ as: first.person, in: first.channel });
  if (second) {
    given.set("beside", second.person);
    given.set("there", second.channel);
  }
  if (tour) given.set("tour", "1");
  return `/?${given}`;
}
