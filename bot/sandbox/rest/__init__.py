"""Discord's REST API v10, one file per resource, one table of all routes.

A route parses, checks the bot's permissions, calls one world operation and serialises. `service`
carries a request through weather, rate limits, token, route and wire; `table` finds the route.
"""
