"""The recipes of config/recipes as users get them, with the paths, ports and names of a test in place of the examples."""
import re

from support import world

FOLDER = world.ROOT / "config/recipes"

#: What a test needs beyond any recipe: folders of its own, and a word within seconds where a server would wait for minutes.
OF_TESTS = ("lock-path", "log-path", "archive-timeout", "io-timeout", "protocol-timeout", "tls-server-port")


class Recipe:
    """`settings` have the value of the recipe's own line of that key, also of one that is commented out (`#key=value`), or None
    to comment it out: a key that the recipe does not speak of is a mistake."""

    def __init__(self, name):
        self.name = name
        self.text = (FOLDER / name).read_text()

    def render(self, settings, stanza=world.STANZA):
        text = re.sub(r"^\[main\]$", f"[{stanza}]", self.text, flags=re.MULTILINE)
        for key, value in settings.items():
            line = f"{key}={value}" if value is not None else f"#{key}="
            text, found = re.subn(rf"^#?{re.escape(key)}=.*$", lambda _, line=line: line, text, flags=re.MULTILINE)
            if found == 0:
                assert key in OF_TESTS, f"{self.name} says nothing of {key}"
                text = text.replace("[global]\n", f"[global]\n{line}\n", 1)
                found = 1
            assert found == 1, f"{self.name} has {found} lines of {key}"
        return text
