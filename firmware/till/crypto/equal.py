# equal.py: comparison of secrets in a time that does not tell where they differ. Cannot fail.


def equal(one, other):
    """Whether two byte strings are equal; only their lengths can be told from the time it takes."""
    if len(one) != len(other):
        return False
    differ = 0
    for i in range(len(one)):
        differ |= one[i] ^ other[i]
    return differ == 0
