#include "restore/configuration_paths.hpp"
#include "support/catch.hpp"
#include "temporary_folder.hpp"

#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

using values = std::vector<configured_value>;
using paths = std::vector<fs::path>;

} // namespace

TEST_CASE("lines of postgresql.conf are read as PostgreSQL reads them", "[restore]") {
    CHECK(
        configured_values(
            "# a comment\n\n  Include_Dir = 'conf.d' # here\nport 5432\nport=5433#x\r\n"
            "ssl_cert_file='it''s a \\'file\\''\nname\nopen = 'no end") ==
        values{
            {"include_dir", "conf.d"},
            {"port", "5432"},
            {"port", "5433"},
            {"ssl_cert_file", "it's a 'file'"},
            {"name", ""},
            {"open", "no end"}});
    CHECK(configured_values("").empty());
}

TEST_CASE("configuration in folders of the data directory is found", "[restore]") {
    const test::temporary_folder data;
    data.write(
        "postgresql.conf",
        "include_dir 'conf.d'\ninclude = 'more/own.conf'\n"
        "include_if_exists = 'missing/x.conf'\nssl_cert_file = 'certs/a.crt'\n"
        "hba_file = '" +
            (data / "access/hba.conf").native() +
            "'\n"
            "log_directory = 'log'\nstats_temp_directory = 'pg_stat_tmp'\n"
            "include = '../outside.conf'\ninclude = '/etc/passwd'\nport = 5432\n");
    data.write("conf.d/b.conf", "ssl_key_file = 'certs/a.key'\ninclude = 'deep/c.conf'\n");
    data.write("conf.d/a.conf", "include = 'b.conf'\n");
    data.write("conf.d/notes.txt", "");
    data.write("conf.d/deep/c.conf", "include_dir = 'nowhere'\n");
    data.write("more/own.conf", "include = 'own.conf'\n");
    data.write("certs/a.crt", "");
    data.write("certs/a.key", "");
    data.write("access/hba.conf", "");
    data.write("log/5432", "");
    data.write("pg_stat_tmp/x", "");

    const auto found = find_configuration_paths(data.path(), data.path());

    CHECK(
        found.files == paths{
                           "conf.d/a.conf", "conf.d/b.conf", "certs/a.key", "conf.d/deep/c.conf",
                           "more/own.conf", "certs/a.crt", "access/hba.conf"});
    CHECK(found.folders == paths{"conf.d"});
    CHECK(find_configuration_paths(data.path(), "/pg/data").files.size() == 6);
}
