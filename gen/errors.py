"""What can go wrong in the engine room, as one tree.

    EngineFault
    ├── ProtocolFault   bytes on the pipe that are not a frame of ours
    └── ModelFault      a model folder that cannot be used; its text names the remedy

A lost worker is no fault here: it is an ordinary event of a running job (`gen.engine.WorkerLost`).
No fault of this tree ever carries a prompt, a seed or a picture.
"""


class EngineFault(Exception):
    """Something in the engine room is broken; a request is not to blame."""


class ProtocolFault(EngineFault):
    """The other end of the pipe sent bytes that are not a frame."""


class ModelFault(EngineFault):
    """The model folder cannot be used."""
