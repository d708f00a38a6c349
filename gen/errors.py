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


_TOLD_BY_ALLOCATORS = ("out of memory", "can't allocate memory", "ALLOC_FAILED")


def is_out_of_memory(fault: BaseException) -> bool:
    """Say whether memory was what lacked, the device's or the machine's, whichever library says so.

    torch raises an `OutOfMemoryError` of its own for a GPU's, and a plain RuntimeError for the
    CPU's, for Apple's and where cuBLAS wanted some
    (https://docs.pytorch.org/docs/stable/notes/faq.html). Known by name: this imports no torch.
    """
    if isinstance(fault, MemoryError):
        return True
    named = any(kind.__name__ == "OutOfMemoryError" for kind in type(fault).__mro__)
    text = str(fault) if isinstance(fault, RuntimeError) else ""
    return named or any(phrase in text for phrase in _TOLD_BY_ALLOCATORS)
