"""The house: people, rules and deeds.

Rooms, from the front to the back (imports only ever point down this list):

    app, cli        wire everything; may see every room
    client/         the only place besides cogs/ that knows discord.py
    services/       deeds, as verbs: submit, place, dispatch, deliver, cancel, recover
    storage/        functions over an open transaction; the only SQL outside gen/{queue,order}.py
    crypto/         envelope and keyring; bytes in, bytes out
    words           every sentence a person reads
    policy/         rules, as nouns; pure
    domain, errors  the nouns everybody shares, the tree of faults
    sandbox/        the other side of the wire: a small Discord; imports none of this

What must never happen here: a prompt, name, id or picture in a log, an exception or a file name;
a commit hidden inside a storage function; a Discord object below `client/`.
"""
