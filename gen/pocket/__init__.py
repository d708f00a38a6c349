"""Pocket, the embedded model: a small text-to-image model trained here on drawings made here.

captions   what can be said, how people say it, and the pairs kept back for the exam (pure)
paint      the palette and the strokes
drawings   shapes on a ground; `landscapes` paints the scenes
tokens     the tokenizer: our words whole, all others in pieces
anatomy    the parts and their sizes
train      from nothing to a model on two CPU cores; `pace` keeps its time
folder     the shipped folder: a stock diffusers pipeline and its `card.toml`
score      the exam, judged from pixels alone
sheet      24 unpicked pictures on one sheet
model/     the weights
"""
