"""Rules, as nouns. Pure: no clock, no await, no I/O, no Discord; time and chance are arguments."""
