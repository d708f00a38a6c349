"""The deeds, as verbs. Each is what it needs, and one call or one step.

The path of a job:

submit    an ask becomes a job, a question back, or a refusal (`case`: the ask on its way;
          `questions`: asks that wait for their owner; `holdings`: which plans they have)
place     a message stands where the result will be
dispatch  the fair next job goes to the worker; progress comes back
deliver   the place becomes the result, once (`show`: what messages may say)
conclude  a job ends without a picture: refunded, forgotten
tidy      after the end: messages cleared up, the owner told
recover   at start: what a crash left behind (`hands`, `loop`: who works on what, and when)

What its owner can do with it:

cancel    end it          remove    take back its result      recall    bring its recipe back
withdraw  🔒 Only me      move      make it stealth           heed      what they want now

What people can do with their data:

choose    visibility, hidden words, opt-outs                  inform    tell them where they stand
account   what is held of them                                publish   the policy and its changes
retain    shorten how long (`lifetimes`)                      sweep     keep the lifetimes
export    a copy of it all
erase     `aim` at what is meant, `unsay` our messages, `attest` what was done (`walk`: the DM)
"""
