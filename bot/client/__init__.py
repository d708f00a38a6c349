"""The only place besides `cogs/` that knows discord.py: the connection, and how we speak on it."""
