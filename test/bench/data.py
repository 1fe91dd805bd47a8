"""A PostgreSQL with mixed data, the same every time: text, jsonb, integers, bytes that do not compress, their indexes and
small tables."""
import functools
import itertools
import os
import random
import re
import shutil
import subprocess

from support import world

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


def words(chance, count=2048):
    """Made up, of the lengths and letters that words have; the first are the most frequent."""
    weights = [1 / (n + 2) for n in range(len(LETTERS))]
    return ["".join(chance.choices(LETTERS, weights, k=chance.randint(2, 10))) for _ in range(count)]


def letters(chance, vocabulary, megabytes):
    """Rows of text, about 320 bytes each."""
    frequency = list(itertools.accumulate(1 / (n + 8) for n in range(len(vocabulary))))
    for row in range(megabytes * 2**20 // 330):
        yield f"{row}\t{chance.choice(vocabulary)}\t{' '.join(chance.choices(vocabulary, cum_weights=frequency, k=42))}\n"


def documents(chance, vocabulary, megabytes):
    """Rows of jsonb, about 400 bytes each."""
    for row in range(megabytes * 2**20 // 420):
        some = chance.choices(vocabulary, k=12)
        yield (f'{row}\t{{"customer": {chance.randrange(50000)}, "city": "{some[0]}", "state": "{some[1]}", '
               f'"paid": {"true" if row % 3 else "false"}, "total": {chance.randrange(10**6) / 100}, '
               f'"lines": [{{"article": "{some[2]}", "count": {row % 7}, "price": {chance.randrange(10**5) / 100}}}, '
               f'{{"article": "{some[3]}", "count": {row % 5}, "price": {chance.randrange(10**5) / 100}}}], '
               f'"note": "{" ".join(some[4:])}"}}\n')


def files(chance, _, megabytes):
    """Rows of bytes as an archive or a picture has them, 1900 each."""
    for row in range(megabytes * 2**20 // 1980):
        yield f"{row}\t\\\\x{chance.randbytes(1900).hex()}\n"


class MixedCluster(world.Cluster):
    """As world.Cluster, with `size` bytes of mixed data."""

    def __init__(self, folder, size):
        self.megabytes = size >> 20
        try:
            super().__init__(folder)
        except BaseException:
            self.stop()
            raise

    def fill(self):
        # Segments of the filling are of no interest to any repo.
        self.archive_with("/bin/true")
        chance = random.Random(20261122)
        vocabulary = words(chance)
        self.sql("create table letters (id bigint, author text, body text); create table documents (id bigint, content jsonb);"
                 "create table files (id bigint, content bytea); alter table files alter content set storage external")
        for table, rows, share in (("letters", letters, 0.34), ("documents", documents, 0.22), ("files", files, 0.13)):
            self.copy(table, rows(chance, vocabulary, int(self.megabytes * share)))
        events = int(self.megabytes * 0.18) * 2**20 // 92
        self.sql("create table events as select g id, hashint8(g) & 65535 device, hashint8(g * 31) amount, g / 7 batch, "
                 f"'2026-01-01'::timestamptz + g * '3 s'::interval moment from generate_series(1, {events}::bigint) g")
        self.sql("create index on letters (id); create index on letters (author); create index on documents (id);"
                 "create index on documents ((content ->> 'customer')); create index on files (id);"
                 "create index on events (id); create index on events (device, moment)")
        self.sql("do $$ begin for n in 1..400 loop execute format('create table small_%s (id int primary key, t text)', n);"
                 "execute format('insert into small_%s select g, md5(g::text) from generate_series(1, 200) g', n);"
                 "end loop; end $$")
        self.sql("vacuum (freeze, analyze)")
        self.sql("checkpoint")

    def copy(self, table, rows):
        argv = world.AS_POSTGRES + [str(world.pg_bin() / "psql"), "-X", "-q", "-h", str(self.run), "-U", "postgres", "-d",
                                    "postgres", "-v", "ON_ERROR_STOP=1", "-c", f"copy {table} from stdin"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, cwd="/", text=True) as psql:
            psql.stdin.writelines(rows)
        assert psql.returncode == 0, f"psql could not fill {table}"

    def archive_with(self, command):
        self.sql(f"alter system set archive_command = '{command}'")
        self.sql("select pg_reload_conf()")

    def archive_to(self, config):
        self.archive_with(f"pgbackrest --config={config} --stanza={world.STANZA} archive-push %p")

    def size(self):
        return int(self.sql("select sum(pg_database_size(oid)) from pg_database"))

    def files(self):
        return sum(len(names) for _, _, names in os.walk(self.data / "base"))

    def config_of(self, name, text):
        """`text` for this cluster, with a repo of its own."""
        repo, lock = self.folder / f"{name}-repo", self.folder / f"{name}-lock"
        for sub in (repo, lock):
            sub.mkdir(mode=0o700)
            shutil.chown(sub, "postgres", "postgres")
        text = re.sub("(?m)^repo1-path=.*$", f"repo1-path={repo}\nlock-path={lock}\nlog-path={self.folder}/log", text)
        text = re.sub("(?m)^pg1-socket-path=.*$", f"pg1-socket-path={self.run}", text)
        path = self.folder / f"{name}.conf"
        path.write_text(text)
        self.archive_to(path)
        self.backrest("stanza-create", config=path)
        return path

    @functools.cached_property
    def ours(self):
        """config/pgbackrest.conf, filled in as its head says."""
        text = (world.ROOT / "config/pgbackrest.conf").read_text()
        for name, value in (("PG_DATA", self.data), ("PG_PORT", 5432),
                            ("PROCESS_MAX", max(1, min(4, os.cpu_count() // 2)))):
            text = text.replace(f"@{name}@", str(value))
        return self.config_of("ours", text)

    @functools.cached_property
    def defaults(self):
        """Only what pgBackRest cannot do without; and a backup that begins at once, as ours does."""
        return self.config_of("defaults", f"[global]\nrepo1-path=\nstart-fast=y\n[{world.STANZA}]\npg1-path={self.data}\n"
                              "pg1-port=5432\npg1-socket-path=\n")
