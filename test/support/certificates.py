"""Certificates of an authority of the test's own: good ones, expired ones, and ones that nobody trusts."""
import pathlib
import shutil
import subprocess

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*args):
    subprocess.run(["openssl", *[str(a) for a in args]], check=True, capture_output=True, timeout=60)


class Authority:
    """Its files are in `folder`, and postgres' own: pgBackRest takes no key that somebody else may read."""

    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.certificate, self.key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        openssl("req", "-x509", *CURVE, "-days", "30", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate)
        self.give(self.folder, self.certificate, self.key)

    @staticmethod
    def give(*paths):
        for path in paths:
            shutil.chown(path, "postgres", "postgres")

    def issue(self, host, file=None, expired=False):
        """(certificate, key) for a host's name."""
        base = self.folder / (file or host)
        certificate, key, request = (pathlib.Path(f"{base}.{end}") for end in ("crt", "key", "csr"))
        openssl("req", *CURVE, "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-days", "-1" if expired else "30",
                "-copy_extensions", "copy", "-out", certificate)
        key.chmod(0o600)
        self.give(certificate, key)
        return certificate, key
