"""The deeds, as verbs. Each is what it needs, and one call or one step.

submit    an ask becomes a job, or a refusal
place     a message stands where the result will be
dispatch  the fair next job goes to the worker; progress comes back
deliver   the place becomes the result, once
conclude  a job ends without a picture: refunded, forgotten
tidy      after the end: messages cleared up, the owner told
cancel    an owner ends a job
remove    an owner takes back a delivered result
recover   at start: what a crash left behind
"""
