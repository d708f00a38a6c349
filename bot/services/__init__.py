"""The deeds, as verbs. Each is what it needs, and one call or one step.

The path of a job:

submit    an ask becomes a job, a question back, or a refusal (`case`: the ask on its way;
          `questions`: asks that wait for their owner; `holdings`: which plans they have;
          `calendar`: which day quotas are of; `foresee`: how long it will wait;
          `measured`: what a step costs; `enqueue`: it is written down)
intake    pictures that somebody brings are read, before anything is queued
place     a message stands where the result will be (`usher`: how its job stands while it waits)
dispatch  the fair next job goes to the worker; progress comes back (`vet`: what may pass)
deliver   the place becomes the result, once (`show`: what messages may say)
conclude  a job ends without a picture: refunded, forgotten
tidy      after the end: messages cleared up, the owner told
recover   at start: what a crash left behind (`hands`, `loop`: who works on what, and when)

What its owner can do with it:

develop   a press under a result becomes an ask: again, in other words, or something made of it
react     ✉️, ❌ and ⭐ under it      star    keep its recipe longer      copy      to their DM
cancel    end it          remove    take back its result      recall    bring its recipe back
withdraw  🔒 Only me      move      make it stealth           heed      what they want now
revisit   look at it again: where it is or what became of it, with its buttons

What moderators decide for their server:

authorise who may, asked at every call     block     members: blocks and strikes
moderate  settings and rules on prompts    (`houserules`: what they say to an ask)
limit     how long things are kept here

What plans somebody has:

offer     all of them, and which is theirs      assign    roles of a server give plans there
grant     the operator gives one until a date   entitle   Discord told that one began or ended

What people can do with their data:

choose    visibility, hidden words, opt-outs                  inform    tell them where they stand
account   what is held of them                                publish   the policy and its changes
retain    shorten how long (`lifetimes`)                      sweep     keep the lifetimes
export    a copy of it all
erase     `aim` at what is meant, `unsay` our messages, `attest` what was done (`walk`: the DM)
declare   rights and consent, before a picture of theirs is used
describe  a picture of theirs is put into words, for them alone

What moderators and the operator can take back:

purge     what is public in a server (`previews`: shown first; `clear`: keys, rows, receipt;
          `unpost`: messages, in bulk)
oust      all of one person's, by the operator
audit     what they did: a chain per server

What people say to moderators:

report    a public result           judge     a moderator decides on it
contest   a server's rule           reply     tell them what became of it

What happens by itself:

depart    the bot was removed from a server: erased after a time of grace
prune     copies of the databases grow old; what was erased is told to their ledger

What waits for a press is `pending`: asks in `questions`, purges in `previews`.
"""
