"""A thousand clients that take all the time in the world, as slowhttptest makes them."""
import subprocess

CONNECTIONS = 1000
DURATION = 6
#: What each kind does, and what it asks for.
MODES = {
    "slow headers": (["-H", "-i", "1", "-x", "8"], "/livez"),
    "slow body": (["-B", "-i", "1", "-x", "8", "-s", "60000"], "/livez"),
    "ranges": (["-R", "-a", "1", "-b", "3000"], "/livez"),
    "slow reading": (["-X", "-k", "5", "-w", "256", "-y", "512", "-n", "1", "-z", "16"], "/api/v1/openapi.json"),
}


def attack(port, mode):
    """The attack as a process, which ends by itself."""
    flags, path = MODES[mode]
    return subprocess.Popen(
        ["slowhttptest", *flags, "-c", str(CONNECTIONS), "-r", str(CONNECTIONS), "-l", str(DURATION), "-p", "5",
         "-u", f"http://127.0.0.1:{port}{path}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
