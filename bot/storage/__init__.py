"""Memory: functions over an open transaction, one file per noun. The caller commits.

Two databases: `darkroom.db` holds rows, sealed; `keys.db` holds the wrapped keys that open them.
"""
