"""The engine room: it knows jobs, not people.

Nothing here imports `bot` or `cogs`; nothing here knows Discord, plans, privacy or keys. Imports
point down this list:

    supervisor       keeps one worker process alive; a job goes in, events come out
    launch           how that process is started, and the little it may know of us
    worker           the process: frames in, pictures out
    hush, doors      what the process does to itself first: silent, private, and shut in
    landlock, seccomp   the two locks of those doors: files, and calls of the kernel
    work             its main loop; from here on down libraries are imported
    shrink           another small process: a picture in, a smaller one out
    describe         another: a clean picture in, what a captioning model says of it out
    batcher          our own denoise loop: many jobs, one denoiser call per tick
    measure          how long a step takes on this machine
    families/        what a kind of model must be able to do, and the kinds we speak; torch is here
    images           pixels to files that carry an AI mark and nothing about their maker
    models           a model folder: its card, and what is wrong with it
    queue            the durable queue
    order, fairness  whose turn it is: where it is kept, and the arithmetic
    forecast         when a line of jobs will be done
    inbox, engine    what a dispatcher hears of a job, and what it may ask of an engine
    protocol         bytes to messages and back
    messages         what supervisor and worker say to each other
    job, card, profile, errors   the nouns
    bench/           what a model gives here, beside other ways to serve it
    pocket/          the model that comes with the house: its drawings, its trainer, its weights
"""
