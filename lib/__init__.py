import gc

gc.set_threshold(50_000)  # not 700: what is imported next leaves no garbage; a tenth of a chapter's time
