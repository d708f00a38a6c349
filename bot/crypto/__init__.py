"""Bytes to bytes: `envelope` seals a field, `rootkey` finds the root key, `stealthkeys` never touch
a disk. Which key belongs to whom is kept by `bot.storage.keyring`.
"""
