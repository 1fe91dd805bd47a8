import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.fixtures import *  # noqa: E402,F401,F403
from support.rendering import kubernetes  # noqa: E402,F401
