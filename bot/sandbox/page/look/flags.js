// The flags of a message that this page knows, by Discord's names.

export const SUPPRESS_EMBEDS = 1 << 2;
const EPHEMERAL = 1 << 6;
export const LOADING = 1 << 7;
export const IS_COMPONENTS_V2 = 1 << 15;

export const has = (message, flag) => Boolean(message.flags & flag);

/** Whether only one person sees it. */
export const isEphemeral = (message) => has(message, EPHEMERAL);
