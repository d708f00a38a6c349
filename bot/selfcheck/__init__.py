"""`darkroom selfcheck`: the operator's proof, on their own machine, that nothing is left behind.

It plays a scene with random words in a sandbox and a folder of its own, looks at everything that a
thief, a moderator or a backup could look at, and searches it for what nobody may find there.

    command     the command line
    check       the whole check, from the folder to the verdict
    stage       a folder, a sandbox and a bot of its own; held still while we look
    scene       what two people do, and the moments at which we look
    asked       what they ask for: random letters
    delivered   what a delivered message teaches: pixels, and keys in buttons
    people      the people API, as those two use it
    look        copies of files, arguments and messages as they stand at a moment
    reach       what the whole disk with its root key can still open
    canary      a secret, in every writing it could be found in
    streams     what lies inside compressed data
    search      secrets in copies
    table       what may stand where, and when
    witness     whom the bot's process spoke to, and where it wrote
    inside      how the bot is started so that it is witnessed
    broken      the same with one measure broken: the check must notice
    report      what the operator reads, and what is kept of it
"""
