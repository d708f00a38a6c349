// The six steps of the tour: what each does, what to watch, and what it promises. A promise is kept
// when the looks themselves have shown it.

import * as api from "../api.js";
import { isEphemeral } from "../look/flags.js";
import { hasPicture } from "./scene.js";

const PUBLIC = "a large red star in the centre, night background";
const STEALTH = "a house under a moon";
const LONG = "a large blue heart in the centre, cream background";
const ANOTHER = "a red balloon above the sea";

/** Words that stand in pia's prompt and nowhere else in the tour. */
const SECRET_WORDS = ["house", "moon"];
const LEAKED = "mod saw something of pia's. That must never be.";
const RECEIPT = "darkroom-receipt.";
const HAND = "kill-worker";

const ANA_AND_MOD = [{ person: "ana", channel: "general" }, { person: "mod", channel: "general" }];
const PIA_AND_MOD = [{ person: "pia", channel: "general" }, { person: "mod", channel: "general" }];

/** Until something of it has come to pia, there was nothing that mod could have seen. */
const modSawNothing = (isOver) => ({
  words: "mod saw nothing of it, at no moment",
  kept: (scene) => isOver(scene) && !scene.leak,
});
const leakOfPias = (scene) =>
  (scene.leaked("mod", "pia", SECRET_WORDS) ? LEAKED : "");

const newTo = (scene, person, is) => scene.fresh(person).find(is);
const saysReceipt = (message) => isEphemeral(message) && message.content.includes(RECEIPT);
const hasReceipt = (scene, person) => Boolean(newTo(scene, person, saysReceipt));

const isRefusal = (message) => isEphemeral(message)
  && message.content.includes("closed to me") && message.content.includes("cost you nothing");
const hasCome = (scene, person) => scene.freshPictures(person, "ana").length > 0;
const hasComeByDm = (scene) =>
  Boolean(newTo(scene, "pia", (one) => one.channel_name === "dm" && hasPicture(one)));
const isRefused = (scene) => Boolean(newTo(scene, "pia", isRefusal));

export const STEPS = [
  {
    title: "A public picture",
    what: "ana, on the Free plan, asks for a picture in #general.",
    deed: "Let ana ask in public",
    watch: "ana alone reads that it is under way. The picture grows in the open, for mod too.",
    looks: ANA_AND_MOD,
    async play(scene) {
      await ask(scene, "ana", PUBLIC, { visibility: "public" });
    },
    promises: [
      { words: "ana has her picture", kept: (scene) => hasCome(scene, "ana") },
      { words: "mod sees the same", kept: (scene) => hasCome(scene, "mod") },
    ],
  },
  {
    title: "A stealth picture",
    what: "pia, on the Pro plan, asks in #general too, but in stealth.",
    deed: "Let pia ask in stealth",
    watch: "Her picture comes by DM. On mod's side nothing moves: no word, no name, no picture.",
    looks: [{ person: "pia", channel: "dm" }, PIA_AND_MOD[1]],
    async play(scene) {
      await ask(scene, "pia", STEALTH, { visibility: "stealth" });
    },
    broken: leakOfPias,
    promises: [
      { words: "pia has her picture in her DM", kept: hasComeByDm },
      modSawNothing(hasComeByDm),
    ],
  },
  {
    title: "Close the DM",
    what: "pia closes her DM to the bot and asks in stealth again. Afterwards it is opened again.",
    deed: "Close pia's DM, and ask",
    watch: "The bot does not fall back to the channel. It tells pia alone, and it costs nothing.",
    looks: PIA_AND_MOD,
    async play(scene) {
      scene.atEnd(() => scene.turnDms("pia", "open"));
      await scene.turnDms("pia", "closed");
      await ask(scene, "pia", STEALTH, { visibility: "stealth" });
      await scene.until(() => isRefused(scene));
      await scene.turnDms("pia", "open");
    },
    broken: leakOfPias,
    promises: [
      { words: "pia alone reads that it was not made, and cost nothing", kept: isRefused },
      modSawNothing(isRefused),
      { words: "her DM is open again", kept: (scene) => isRefused(scene) && isOpen(scene, "pia") },
    ],
  },
  takingAnasPictures({
    title: "A moderator purges",
    what: "mod takes back all that is public of ana's in this server: /purge user, then Purge.",
    deed: "Let mod purge",
    watch: "mod is asked first, and told what would go. Then ana's pictures go from both sides.",
  }, { by: "mod", command: "purge user", options: { user: "ana" }, button: "Purge" }),
  takingAnasPictures({
    title: "Erase my data",
    what: "ana makes a picture if she has none, then erases all: /privacy delete, then Erase.",
    deed: "Let ana erase everything",
    watch: "Her pictures go at once. Her receipt says what went, what stays, and is signed.",
  }, { by: "ana", command: "privacy delete", options: { what: "everything" }, button: "Erase" }),
  {
    title: "Kill the worker",
    what: "While ana's picture is being painted, the process that paints is killed.",
    deed: "Ask, and kill the worker",
    watch: "It says that it was interrupted and begins again: a new worker starts, paints the "
      + "picture anew, and it comes once. That may take a minute.",
    looks: ANA_AND_MOD,
    hand: HAND,
    patienceMs: 180_000, // a worker reads its model before it paints
    meanwhile: (scene) => (scene.facts.has("killed")
      ? "Killed. A new worker starts, and paints the picture from its beginning."
      : "ana's picture is about to be painted."),
    async play(scene) {
      await ask(scene, "ana", LONG, { visibility: "public", steps: 30, count: 2 });
      const isTheirs = (one) => scene.isOf(one, "ana") && isPainting(one);
      scene.place = (await scene.until(() => newTo(scene, "ana", isTheirs))).id;
      await api.useHand(HAND);
      scene.facts.add("killed");
    },
    broken: (scene) =>
      (comesOf(scene) > 1 ? "The picture came more than once." : ""),
    promises: [
      { words: "the worker was killed at work", kept: (scene) => scene.facts.has("killed") },
      { words: "the picture came all the same, once",
        kept: (scene) => scene.facts.has("killed") && comesOf(scene) === 1 },
    ],
  },
];

async function ask(scene, person, prompt, options) {
  const answer = await scene.slash(person, "imagine", { prompt, ...options });
  scene.facts.add("asked");
  return answer;
}

/** A step in which somebody has all pictures of ana's taken, is asked first, and has a receipt. */
function takingAnasPictures(told, { by, command, options, button }) {
  return {
    ...told,
    looks: ANA_AND_MOD,
    async play(scene) {
      scene.standing = await somethingOfAnas(scene);
      const question = await scene.slash(by, command, options);
      await scene.press(by, question, button);
    },
    promises: [
      { words: "ana's pictures are gone, for both", kept: areGone },
      { words: `${by} has a signed receipt`, kept: (scene) => hasReceipt(scene, by) },
    ],
  };
}

/** The ids of ana's public pictures; she asks for one first when there is none. */
async function somethingOfAnas(scene) {
  if (!scene.pictures("ana", "ana").length) {
    await ask(scene, "ana", ANOTHER, { visibility: "public" });
  }
  await scene.until(() => ["ana", "mod"].every((one) => scene.pictures(one, "ana").length));
  return scene.pictures("ana", "ana").map((one) => one.id);
}

function areGone(scene) {
  return Boolean(scene.standing)
    && ["ana", "mod"].every((person) => !scene.standing.some((id) => scene.message(person, id)));
}

/** How often the long job's picture has come. */
const comesOf = (scene) => scene.freshPictures("ana", "ana")
  .filter((one) => one.id === scene.place || one.content.includes(LONG)).length;

const isPainting = (message) => /step \d+ of/.test(message.content);
const isOpen = (scene, person) => scene.page.world.user(person)?.dms === "open";
