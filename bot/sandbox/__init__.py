"""A Discord one can hold in the hand: REST v10, gateway v10 and a people API on one loopback port.

The real, unmodified discord.py speaks to it; people act on it over plain JSON. It imports none of
our other code, because it is the other side of the wire.

The path of one act: `people` reads it, `acts` (commands) or `presses` (components, modals) asks
what Discord's client would allow, `interactions` makes it happen in the `world`, the world emits,
`gateway` tells the bot; the bot's REST request comes in by `rest.service`, finds its route in
`rest.table`, changes the world by one deed, and `streams` shows people what they can now see.

| what | where |
|---|---|
| the nouns and the store | `entities` `world` `events` `snowflake` `clock` |
| the deeds | `messages` `interactions` `commands` `premium` `happenings` |
| Discord's rules | `permissions` `components` `embeds` `drafts` `mentions` `intents` `errors` |
| the bot's side | `rest/` `gateway` `serialise` `serialise_messages` `interaction_payload` `cdn` |
| the people's side | `people` `acts` `options` `presses` `talk` `names` `sees` `streams` `making` |
| the hands on it | `controls` `weather` `wire` `guard` `persistence` `shipped_world` `server` |
"""
