// The translation unit that the tests' precompiled header belongs to.
