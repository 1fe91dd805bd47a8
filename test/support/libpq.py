"""Connections to PostgreSQL through its own client library, which wherever psql is is, too.

psql alone cannot tell a commit that was refused from one whose answer got lost, which is all that a ledger is about.
"""
import ctypes
import functools


class Refused(Exception):
    """The server said no; the connection lives."""

    def __init__(self, text, state):
        super().__init__(text)
        self.state = state


class Lost(Exception):
    """There is no connection, or there is none any more: what the server did last is not known."""


@functools.cache
def library():
    lib = ctypes.CDLL("libpq.so.5")  # lets other threads run while it waits
    text, number, handle = ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p
    for name, result, *arguments in (
            ("PQconnectdb", handle, text), ("PQstatus", number, handle), ("PQfinish", None, handle),
            ("PQerrorMessage", text, handle), ("PQexec", handle, handle, text), ("PQresultStatus", number, handle),
            ("PQresultErrorField", text, handle, number), ("PQresultErrorMessage", text, handle), ("PQclear", None, handle),
            ("PQntuples", number, handle), ("PQnfields", number, handle), ("PQcmdStatus", text, handle),
            ("PQgetvalue", text, handle, number, number), ("PQgetisnull", number, handle, number, number)):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


DONE, ROWS = 1, 2  # PGRES_COMMAND_OK, PGRES_TUPLES_OK
SQLSTATE = ord("C")


class Connection:
    """One connection, for one thread at a time."""

    def __init__(self, folder, port=5432, user="postgres", database="postgres"):
        self.lib = library()
        self.tag = None  #: what the last statement was answered with: "INSERT 0 1"
        self.handle = self.lib.PQconnectdb(
            f"host='{folder}' port={port} user='{user}' dbname='{database}' connect_timeout=10".encode())
        if self.lib.PQstatus(self.handle) != 0:
            text = self.lib.PQerrorMessage(self.handle).decode(errors="replace").strip()
            self.close()
            raise Lost(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.handle:
            self.lib.PQfinish(self.handle)
            self.handle = None

    def ask(self, statement):
        """The rows of the (last) statement, each a tuple of texts, with None for null."""
        if not self.handle:
            raise Lost("the connection was closed")
        lib = self.lib
        result = lib.PQexec(self.handle, statement.encode())
        try:
            if lib.PQresultStatus(result) in (DONE, ROWS):
                self.tag = lib.PQcmdStatus(result).decode()
                return [tuple(self.value(result, row, column) for column in range(lib.PQnfields(result)))
                        for row in range(lib.PQntuples(result))]
            text = (lib.PQresultErrorMessage(result) or lib.PQerrorMessage(self.handle)).decode(errors="replace").strip()
            state = (lib.PQresultErrorField(result, SQLSTATE) or b"").decode()
        finally:
            lib.PQclear(result)
        if lib.PQstatus(self.handle) != 0:
            self.close()
            raise Lost(text)
        raise Refused(text, state)

    def value(self, result, row, column):
        if self.lib.PQgetisnull(result, row, column):
            return None
        return self.lib.PQgetvalue(result, row, column).decode()

    def one(self, statement):
        """The first column of the only row."""
        rows = self.ask(statement)
        assert len(rows) == 1, f"{statement}: {len(rows)} rows"
        return rows[0][0]
