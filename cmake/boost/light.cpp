// The translation unit that the light precompiled header belongs to.
