def make(o):
    pass
