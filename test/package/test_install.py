"""The Debian package in a root file system without systemd as first process: what is put where, and that a purge takes it all."""
import json
import re

from package import roots

SETTINGS = "/etc/restpoint/restpoint.toml"


def test_what_is_installed_works_and_a_purge_leaves_nothing(root, package):
    before = root.entries()

    root.install(package)

    # The program, and what it needs.
    version = roots.field(package, "Version").partition("-")[0]
    assert version in root.run("restpoint", "--version")
    # The configuration: sound, and nobody's but root's and the service's.
    root.as_postgres("restpoint", "config", "check")
    assert root.run("stat", "-c", "%a %U:%G", SETTINGS).strip() == "640 root:postgres"
    assert SETTINGS in root.run("dpkg-query", "-W", "-f=${Conffiles}", "restpoint")
    assert root.run("stat", "-c", "%a %U:%G", "/var/lib/restpoint").strip() == "700 postgres:postgres"
    # The unit: what systemd makes of it, and enabled.
    root.run("systemd-analyze", "verify", "restpoint.service")
    assert root.path("/etc/systemd/system/multi-user.target.wants/restpoint.service").is_symlink()
    # Completions that their shells can read.
    root.run("bash", "-n", "/usr/share/bash-completion/completions/restpoint")
    assert root.path("/usr/share/zsh/vendor-completions/_restpoint").read_text().startswith("#compdef restpoint")
    assert root.path("/usr/share/doc/restpoint/copyright").exists()
    # Nothing runs where no systemd does.
    assert not root.path("/run/restpoint").exists()

    root.purge()

    after = root.entries()
    assert after == before, {path: (before.get(path), after.get(path)) for path in before.keys() ^ after.keys()}


def test_the_sandbox_of_the_unit_stays_as_strict_as_it_is(root, package):
    root.install(package)

    found = root.run("systemd-analyze", "security", "--offline=true", "--json=short", "--no-pager", "/lib/systemd/system/restpoint.service")

    # The few that are open on purpose; the unit says why.
    is_open = {line["name"] for line in json.loads(found) if line["set"] is False}
    assert is_open <= {
        "PrivateTmp=", "PrivateNetwork=", "PrivateUsers=", "PrivateMounts=", "ProcSubset=", "MemoryDenyWriteExecute=",
        "RootDirectory=/RootImage=", "RemoveIPC=", "IPAddressDeny=", "DeviceAllow=", "SystemCallFilter=~@resources",
        "SystemCallFilter=~@privileged", "RestrictAddressFamilies=~AF_UNIX", "RestrictAddressFamilies=~AF_(INET|INET6)"}, is_open


def test_a_removal_keeps_configuration_and_jobs_for_the_next_installation(root, package):
    root.install(package)
    mine = root.path(SETTINGS).read_text() + "# mine\n"
    root.path(SETTINGS).write_text(mine)
    root.path("/var/lib/restpoint/kept").write_text("a job")

    root.run("apt-get", "remove", "-y", "restpoint")
    kept = root.path(SETTINGS).read_text(), root.path("/var/lib/restpoint/kept").exists(), root.path("/usr/bin/restpoint").exists()
    root.install(package)

    assert kept == (mine, True, False)
    assert root.path(SETTINGS).read_text() == mine
    assert root.run("stat", "-c", "%a %U:%G", SETTINGS).strip() == "640 root:postgres"


def test_an_upgrade_keeps_what_the_administrator_changed(root, package):
    root.install(package)
    mine = root.path(SETTINGS).read_text() + "# mine\n"
    root.path(SETTINGS).write_text(mine)
    root.run("chmod", "600", SETTINGS)
    root.run("systemctl", "disable", "restpoint.service")

    root.install(package, "--reinstall")

    assert root.path(SETTINGS).read_text() == mine
    assert root.run("stat", "-c", "%a", SETTINGS).strip() == "600"
    assert not root.path("/etc/systemd/system/multi-user.target.wants/restpoint.service").is_symlink()


def test_the_package_depends_on_what_the_program_links(package):
    names = roots.dependencies(package)

    assert {"pgbackrest", "postgresql-common", "libc6", "libpq5", "libsqlite3-0"} <= set(names), names
    assert any(re.match(r"libboost-log", n) for n in names), names
