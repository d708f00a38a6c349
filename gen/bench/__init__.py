"""What a model gives on this machine, beside other ways to serve it, all in one run.

    subject      the model, twice: as our family, and as the stock pipeline over the same weights
    randomised   full-size SDXL and FLUX without files: random weights cost the same time
    ways         four ways to serve: one by one, threads, request batching, step batching
    throughput   pictures a second by rows and size, and the share of what the device can compute
    arrivals     people who ask at random times: how long they wait, by each way
    costs        what lies beside the denoiser: files, previews, and how soon a cancel is heard

`python -m gen.bench` prints the tables; `darkroom bench` and `make bench` start it.
"""
